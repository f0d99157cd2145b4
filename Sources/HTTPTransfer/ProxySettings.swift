import Diagnostics
import Glibc

/// Which proxy, if any, each address is asked through; the environment's variables as curl reads them.
///
/// We decide, and hand curl the decision, so that a failure can say whether it was the proxy's.
package struct ProxySettings: Sendable {
    private let http: Secret<String>?
    private let https: Secret<String>?
    private let exceptions: [Substring]

    /// No proxy at all.
    package static let none = ProxySettings(environment: [:])

    /// What this process's environment says.
    package static func environment() -> ProxySettings {
        let names = [
            "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
            "NO_PROXY",
        ]
        var values: [String: String] = [:]
        for name in names {
            values[name] = getenv(name).map { String(cString: $0) }
        }
        return ProxySettings(environment: values)
    }

    /// Reads `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in lower case first.
    ///
    /// `HTTP_PROXY` in upper case is not read, as curl does not: in a CGI program the client sets it
    /// (CVE-2016-5385).
    package init(environment: [String: String]) {
        func value(_ names: String...) -> Secret<String>? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }.map { Secret($0) }
        }
        http = value("http_proxy", "all_proxy", "ALL_PROXY")
        https = value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        let list = value("no_proxy", "NO_PROXY")?.reveal() ?? ""
        exceptions = list.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }
    }

    /// The proxy for that address, or nil: directly.
    func proxy(for address: WebAddress) -> Secret<String>? {
        let proxy = address.scheme == "https" ? https : http
        return proxy != nil && isException(address.host) ? nil : proxy
    }

    private func isException(_ host: String) -> Bool {
        if exceptions == ["*"] { return true }
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        if let address = IPBytes(bare) {
            return exceptions.contains { address.isIn(block: $0) }
        }
        let name = bare.hasSuffix(".") ? bare.dropLast() : bare[...]
        return exceptions.contains { exception in
            let suffix = exception.drop { $0 == "." }.trimmingLastDot()
            return !suffix.isEmpty && (name == suffix || name.hasSuffix(".\(suffix)"))
        }
    }
}

/// The address of a proxy as it may be printed: without user name and password.
func printableProxy(_ proxy: Secret<String>) -> String {
    let text = proxy.reveal()
    let scheme = text.firstRange(of: "://").map { text[..<$0.upperBound] } ?? ""
    // The last “@” of all: a password that nobody escaped may have a slash in it.
    let rest = text.dropFirst(scheme.count)
    let place = rest.lastIndex(of: "@").map { rest[rest.index(after: $0)...] } ?? rest
    return String(scheme + place.prefix { $0 != "/" })
}

/// The bytes of an IPv4 (4) or IPv6 (16) address.
private struct IPBytes {
    let bytes: [UInt8]

    init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: six) { Array($0) }
        } else {
            return nil
        }
    }

    /// Whether the block, an address or `address/bits`, has this address.
    func isIn(block: Substring) -> Bool {
        let parts = block.split(separator: "/", maxSplits: 1)
        guard let first = parts.first else { return false }
        let network = first.hasPrefix("[") ? first.dropFirst().dropLast() : first
        guard let other = IPBytes(network), other.bytes.count == bytes.count else { return false }
        let width = bytes.count * 8
        let bits = parts.count == 2 ? Int(parts[1]) ?? -1 : width
        guard (0...width).contains(bits) else { return false }
        return (0..<bits).allSatisfy { bit in
            (bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}

extension Substring {
    fileprivate func trimmingLastDot() -> Substring { hasSuffix(".") ? dropLast() : self }
}
