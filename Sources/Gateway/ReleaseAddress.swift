import Packages

/// Which release an address is about: the inverse of ``Release/targetPath``.
struct ReleaseAddress: Hashable, Sendable {
    let name: PackageName
    let version: SemanticVersion

    /// Reads `@acme/x/-/x-1.0.0.tgz`; nil for any other form.
    init?(targetPath: String) {
        let parts = targetPath.split(separator: "/", omittingEmptySubsequences: false)
        guard let file = parts.last, parts.dropLast().last == "-",
            let name = try? PackageName(parts.dropLast(2).joined(separator: "/"))
        else { return nil }
        self.init(name: name, file: String(file))
    }

    /// Reads a tarball's file name, `x-1.0.0.tgz` for `@acme/x`; nil for any other.
    init?(name: PackageName, file: String) {
        let prefix = "\(name.bare)-"
        let suffix = ".tgz"
        guard file.hasPrefix(prefix), file.hasSuffix(suffix),
            file.count > prefix.count + suffix.count,
            let version = try? SemanticVersion(
                String(file.dropFirst(prefix.count).dropLast(suffix.count)))
        else { return nil }
        self.name = name
        self.version = version
    }
}
