/// Hexadecimal digits (RFC 4648, section 8).
package enum Hex {
    /// Two lower-case digits a byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (index, byte) in bytes.enumerated() {
                text.initializeElement(at: 2 * index, to: digit(byte >> 4))
                text.initializeElement(at: 2 * index + 1, to: digit(byte & 15))
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// The bytes, or nil when anything but digits of either case in pairs stands there.
    package static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { decode(digits: UnsafeRawBufferPointer($0)) }
    }

    /// The same of digits that are in memory already.
    static func decode(digits: UnsafeRawBufferPointer) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var refused: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { bytes, count in
            count = digits.count / 2
            for index in 0..<count {
                let (high, low) = (digits[2 * index], digits[2 * index + 1])
                refused |= isNoDigit(high) | isNoDigit(low)
                bytes.initializeElement(at: index, to: value(of: high) << 4 | value(of: low))
            }
        }
        return refused == 0 ? bytes : nil
    }

    // Both without a branch, so that the compiler can do many digits at once: every start decodes
    // the digests of thousands of files.

    private static func isNoDigit(_ byte: UInt8) -> UInt8 {
        let isDecimal = byte &- UInt8(ascii: "0") < 10
        let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 6
        return isDecimal || isLetter ? 0 : 1
    }

    private static func value(of digit: UInt8) -> UInt8 {
        (digit & 15) &+ 9 &* (digit >> 6)
    }
}
