/// Base64 with padding (RFC 4648, section 4).
package enum Base64 {
    private static let alphabet = Base64Alphabet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", isPadded: true)

    /// The text, padded with `=`.
    package static func encode(_ bytes: [UInt8]) -> String { alphabet.encode(bytes) }

    /// The bytes, or nil when the text is not exactly what ``encode(_:)`` makes of them.
    package static func decode(_ text: String) -> [UInt8]? { alphabet.decode(Array(text.utf8)) }

    /// The same for a text that is at hand as bytes.
    package static func decode(utf8 text: [UInt8]) -> [UInt8]? { alphabet.decode(text) }
}

/// Base64 for addresses and tokens, without padding (RFC 4648, section 5; RFC 7515, section 2).
package enum Base64URL {
    private static let alphabet = Base64Alphabet(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", isPadded: false)

    /// The text, without `=`.
    package static func encode(_ bytes: [UInt8]) -> String { alphabet.encode(bytes) }

    /// The bytes, or nil when the text is not exactly what ``encode(_:)`` makes of them.
    package static func decode(_ text: String) -> [UInt8]? { alphabet.decode(Array(text.utf8)) }
}

/// The one implementation behind both alphabets.
///
/// Decoding is strict, since a text with a second spelling lets a signed token be changed without
/// its signature noticing: no white space, no foreign character, padding exactly where it belongs,
/// and the bits behind the last byte zero.
private struct Base64Alphabet: Sendable {
    private static let notADigit: UInt8 = 0xFF

    private let digits: [UInt8]
    private let values: [UInt8]
    private let isPadded: Bool

    init(_ digits: String, isPadded: Bool) {
        self.digits = Array(digits.utf8)
        self.isPadded = isPadded
        var values = [UInt8](repeating: Self.notADigit, count: 256)
        for (value, digit) in self.digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.values = values
    }

    func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(3 - group.count) * 8
            for position in 0...group.count {
                text.append(digits[Int(bits >> (18 - 6 * UInt32(position)) & 63)])
            }
            if isPadded { text += Array(repeating: UInt8(ascii: "="), count: 3 - group.count) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    func decode(_ text: [UInt8]) -> [UInt8]? {
        var count = text.count
        if isPadded {
            guard count.isMultiple(of: 4) else { return nil }
            while count > max(0, text.count - 2), text[count - 1] == UInt8(ascii: "=") {
                count -= 1
            }
        }
        guard count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for digit in text[..<count] {
            let value = values[Int(digit)]
            guard value != Self.notADigit else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= 1 << bitCount - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}
