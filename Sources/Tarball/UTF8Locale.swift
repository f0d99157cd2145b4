#if canImport(Glibc)
    import Glibc
#endif

/// Makes libarchive take names for UTF-8 whatever `LANG` says.
///
/// libarchive converts names of pax records to the current locale's character set, and without
/// `setlocale` that is ASCII in every program. `uselocale` changes it for the calling thread alone.
enum UTF8Locale {
    /// A `locale_t`, which is no Sendable type, as a number; made once, never freed, never changed.
    private static let shared: UInt? = {
        for name in ["C.UTF-8", "C.utf8", "en_US.UTF-8"] {
            if let locale = newlocale(LC_CTYPE_MASK, name, nil) { return UInt(bitPattern: locale) }
        }
        return nil
    }()

    /// Runs `body` with the character set UTF-8 on this thread; as it is, when the system has no
    /// such locale (libarchive then refuses names in pax records that are not ASCII).
    static func with<Result: ~Copyable>(
        _ body: () throws(TarballError) -> Result
    ) throws(TarballError) -> Result {
        guard let shared, let locale = locale_t(bitPattern: shared) else { return try body() }
        let previous = uselocale(locale)
        defer { _ = uselocale(previous) }
        return try body()
    }
}
