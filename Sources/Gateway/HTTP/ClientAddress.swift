import Glibc
import NIOCore

/// The IP address that a request came from.
package struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// The 16 bytes of an IPv6 address in two halves; IPv4 as `::ffff:a.b.c.d`.
    private let high: UInt64
    private let low: UInt64

    private static let mappedPrefix: UInt64 = 0xffff

    private init(ipv4: UInt32) {
        high = 0
        low = Self.mappedPrefix << 32 | UInt64(ipv4)
    }

    private init(ipv6: in6_addr) {
        var (high, low): (UInt64, UInt64) = (0, 0)
        withUnsafeBytes(of: ipv6) { bytes in
            for byte in bytes[..<8] { high = high << 8 | UInt64(byte) }
            for byte in bytes[8...] { low = low << 8 | UInt64(byte) }
        }
        (self.high, self.low) = (high, low)
    }

    /// Reads `192.0.2.1` or `2001:db8::1`, and nothing around it.
    package init?(_ text: some StringProtocol) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        // The longest form of an IPv6 address has 45 characters.
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        let text = String(text)
        if inet_pton(AF_INET, text, &ipv4) == 1 {
            self.init(ipv4: UInt32(bigEndian: ipv4.s_addr))
        } else if inet_pton(AF_INET6, text, &ipv6) == 1 {
            self.init(ipv6: ipv6)
        } else {
            return nil
        }
    }

    /// The other end of a connection; nil for one that is no IP connection.
    init?(_ address: SocketAddress?) {
        guard let text = address?.ipAddress else { return nil }
        self.init(text)
    }

    /// Reads what the nearest proxy added at the end of `X-Forwarded-For`.
    ///
    /// What stands before was sent by the client or by proxies that nobody vouches for. A port, which
    /// some proxies add, is no part of the address.
    init?(lastOf forwardedFor: String) {
        var text = forwardedFor[...]
        if let comma = text.lastIndex(of: ",") { text = text[text.index(after: comma)...] }
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        if let address = Self(text) {
            self = address
        } else if let authority = Authority(String(text)) {
            self.init(authority.hostWithoutBrackets)
        } else {
            return nil
        }
    }

    /// What one customer can be told apart by: an IPv4 address, or the first half of an IPv6 address,
    /// since a customer has all of a /64.
    var network: UInt64 { isIPv4 ? low : high }

    private var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix }

    package var description: String {
        var bytes: [UInt8] = []
        for half in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> UInt64(shift)))
            }
        }
        if isIPv4 { return bytes[12...].map(String.init).joined(separator: ".") }
        var text = [CChar](repeating: 0, count: 46)
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
