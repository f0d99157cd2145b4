package import Diagnostics

/// What a person may set in `tollgate.yaml`.
///
/// Names, meanings and ways to write values stand in one table, ``all``.
package struct VendorSettings: Sendable, Hashable {
    /// The address under which customers reach the gateway, without a slash at the end.
    package internal(set) var url: String
    /// Where the proxy in front has the artifacts, such as `/-/artifacts`; nil: the gateway sends them.
    package internal(set) var accelRedirect: String?
    /// How many bytes a tarball that is published may have.
    package internal(set) var maximumTarball = 512_000_000
    /// How many requests one client address may send a minute; 0: as many as it likes.
    package internal(set) var rateLimitAddress = 600_000
    /// How many requests one license may send a minute; 0: as many as it likes.
    package internal(set) var rateLimitLicense = 600_000
    /// How many connections stand at once.
    package internal(set) var maximumConnections = 2000
    /// Where the key of the targets role is.
    package internal(set) var signing = Signing.online

    /// Who signs releases.
    package enum Signing: String, Sendable, Hashable, CaseIterable {
        /// The gateway, at once.
        case online
        /// A machine that no network reaches: `tollgate keys sign`.
        case offline
    }

    /// Settings whose address can be signed into licenses and written into a file; the rest as it is by
    /// itself.
    ///
    /// - Parameter url: `http://` or `https://`, a host, a port if need be, a path if need be;
    ///   nothing else, so no user, no query, no quote, no space.
    /// - Throws: ``UsageError``.
    package init(url: String) throws(UsageError) {
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        guard Self.isAddress(base) else {
            throw UsageError(
                "\(quoted(url)) is no address of a gateway.",
                remedy: "Write one such as https://plugins.acme.example.")
        }
        self.url = String(base)
    }

    /// Takes the value that a person wrote for a name.
    ///
    /// - Throws: ``UsageError`` for a name that is no setting, or a value that is none for it.
    package mutating func set(_ name: String, to value: String) throws(UsageError) {
        guard let setting = Self.all.first(where: { $0.name == name }) else {
            let names = Self.all.map(\.name).joined(separator: ", ")
            throw UsageError(
                "\(quoted(name)) is no setting.", remedy: "The settings are \(names).")
        }
        try setting.take(value, &self)
    }

    private static func isAddress(_ text: Substring) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        return Authority(authority) != nil && rest.utf8.allSatisfy(isPlain)
    }

    /// Letters, digits and `-._~:/[]%`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: Array("-._~:/[]%".utf8).contains(byte)
        }
    }
}
