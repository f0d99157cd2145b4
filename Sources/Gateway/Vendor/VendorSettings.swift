package import Diagnostics

/// What a person may set in `tollgate.yaml`.
package struct VendorSettings: Sendable, Hashable {
    /// The address under which customers reach the gateway, without a slash at the end.
    package let url: String
    /// Where the key of the targets role is.
    package let signing: Signing

    /// Who signs releases.
    package enum Signing: String, Sendable, Hashable, CaseIterable {
        /// The gateway, at once.
        case online
        /// A machine that no network reaches: `tollgate keys sign`.
        case offline
    }

    /// Settings whose address can be signed into licenses and written into a file.
    ///
    /// - Parameters:
    ///   - url: `http://` or `https://`, a host, a port if need be, a path if need be; nothing else,
    ///     so no user, no query, no quote, no space
    ///   - signing: who signs releases
    /// - Throws: ``UsageError``.
    package init(url: String, signing: Signing = .online) throws(UsageError) {
        self.signing = signing
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        guard Self.isAddress(base) else {
            throw UsageError(
                "\(quoted(url)) is no address of a gateway.",
                remedy: "Write one such as https://plugins.acme.example.")
        }
        self.url = String(base)
    }

    private static func isAddress(_ text: Substring) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else {
            return false
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        var host = authority
        let end = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[end...].lastIndex(of: ":") {
            let port = authority[authority.index(after: colon)...]
            guard UInt16(port).map({ $0 > 0 }) == true else { return false }
            host = authority[..<colon]
        }
        return !host.isEmpty && (host.hasPrefix("[") || !host.contains(":"))
            && rest.utf8.allSatisfy(isPlain)
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
