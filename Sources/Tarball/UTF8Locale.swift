#if canImport(Glibc)
    import Glibc
#endif

/// Makes libarchive take names for UTF-8 whatever `LANG` says.
///
/// libarchive converts names of pax records to the current locale's character set, and without
/// `setlocale` that is ASCII in every program. `uselocale` changes it for the calling thread alone.
struct UTF8Locale: Sendable {
    /// What this system has.
    static let system = UTF8Locale(named: ["C.UTF-8", "C.utf8", "en_US.UTF-8"])

    /// A `locale_t`, which is no Sendable type, as a number; never freed, never changed.
    private let locale: UInt?

    /// The first of these that is installed: the smallest images have none.
    init(named names: [String]) {
        var found: locale_t?
        for name in names where found == nil { found = newlocale(LC_CTYPE_MASK, name, nil) }
        locale = found.map { UInt(bitPattern: $0) }
    }

    /// Whether there is one.
    var isInstalled: Bool { locale != nil }

    /// Runs `body` with the character set UTF-8 on this thread, or as it is when none is installed.
    func with<Result: ~Copyable>(
        _ body: () throws(TarballError) -> Result
    ) throws(TarballError) -> Result {
        guard let locale = locale.flatMap({ locale_t(bitPattern: $0) }) else { return try body() }
        let previous = uselocale(locale)
        defer { _ = uselocale(previous) }
        return try body()
    }
}
