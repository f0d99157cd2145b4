/// A host with or without a port, as it stands in an address and in the header `Host`.
///
/// Takes letters, digits, `-`, `.` and `_` in labels that are not empty, or an IPv6 address in
/// brackets; so nothing that ends a string, a line or the host.
struct Authority: Hashable, Sendable, CustomStringConvertible {
    /// An IPv6 address with its brackets.
    let host: String
    let port: UInt16?

    init?(_ text: some StringProtocol) {
        // A name in the DNS has at most 253 characters (RFC 1035, section 2.3.4); the port has 6.
        guard (1...260).contains(text.utf8.count) else { return nil }
        let text = String(text)
        let end = text.lastIndex(of: "]") ?? text.startIndex
        guard let colon = text[end...].lastIndex(of: ":") else {
            self.init(host: text, port: nil)
            return
        }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
            port > 0
        else { return nil }
        self.init(host: String(text[..<colon]), port: port)
    }

    private init?(host: String, port: UInt16?) {
        guard Self.isName(host) || Self.isBracketed(host) else { return nil }
        self.host = host
        self.port = port
    }

    var description: String { port.map { "\(host):\($0)" } ?? host }

    var hostWithoutBrackets: Substring {
        host.hasPrefix("[") ? host.dropFirst().dropLast() : host[...]
    }

    private static func isName(_ host: String) -> Bool {
        let labels = host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { !$0.isEmpty && $0.count <= 63 && $0.allSatisfy(isNameByte) }
    }

    private static func isBracketed(_ host: String) -> Bool {
        host.hasPrefix("[") && host.hasSuffix("]") && host.utf8.contains(UInt8(ascii: ":"))
            && ClientAddress(host.dropFirst().dropLast()) != nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
