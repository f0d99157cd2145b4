import Diagnostics

/// Where an application may be served, or is: `host[:port]`, `*.host[:port]`, IPv4 or `[IPv6][:port]`.
///
/// Without a port it is every port. `*.` stands for one label or more, and not for the host itself.
package struct LicenseDomain: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, without a wildcard and without the brackets of an IPv6 address.
    private let host: String
    private let port: UInt16?
    private let isWildcard: Bool
    package let description: String

    /// A domain as somebody wrote it; the case of letters does not matter.
    ///
    /// - Throws: ``LicenseError`` with code `license.domain-format`.
    package init(_ text: String) throws(LicenseError) {
        let lowercased = text.lowercased()
        var rest = lowercased[...]
        let isWildcard = rest.hasPrefix("*.")
        if isWildcard { rest = rest.dropFirst(2) }
        let host: Substring
        let portText: Substring?
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<end]
            let after = rest[rest.index(after: end)...]
            portText = after.hasPrefix(":") ? after.dropFirst() : after.isEmpty ? nil : after
            guard !isWildcard, host.contains(":"), host.utf8.allSatisfy(Self.isIPv6) else {
                throw Self.refused(text)
            }
        } else {
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = parts[0]
            portText = parts.count > 1 ? parts[1] : nil
            guard Self.isHostName(host) else { throw Self.refused(text) }
        }
        let port = portText.flatMap { UInt16($0) }
        guard portText == nil || (port ?? 0) > 0 else { throw Self.refused(text) }
        self.host = String(host)
        self.port = port
        self.isWildcard = isWildcard
        self.description = lowercased
    }

    /// Whether an application that is served there is within this domain.
    package func covers(_ other: LicenseDomain) -> Bool {
        guard port == nil || port == other.port else { return false }
        guard isWildcard else { return host == other.host && !other.isWildcard }
        return other.host.hasSuffix(".\(host)") || (other.isWildcard && other.host == host)
    }

    /// Labels of letters, digits and hyphens, as in RFC 1123, section 2.1; IPv4 is among them.
    private static func isHostName(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-")
                    && !label.hasSuffix("-") && label.utf8.allSatisfy(isLetterDigitOrHyphen)
            }
    }

    private static func isLetterDigitOrHyphen(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: "-")
        }
    }

    private static func isIPv6(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
        }
    }

    private static func refused(_ text: String) -> LicenseError {
        LicenseError(.licenseDomainFormat, "\(quoted(text)) is no host, *.host or address.")
    }
}
