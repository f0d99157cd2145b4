/// Base32 for people: no I, L, O and U, and case does not matter (Crockford, "Base 32").
package enum CrockfordBase32 {
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// One upper-case character for each value below 32.
    package static func encode(_ values: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: values.count) { text in
            for (index, value) in values.enumerated() { text[index] = digits[Int(value)] }
            return values.count
        }
    }

    /// A value below 32 for each character, or nil when one of them is no digit.
    ///
    /// As Crockford wants it, `I` and `L` are read as `1` and `O` as `0`: people write them so.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var values: [UInt8] = []
        for character in text {
            let upper: Character
            switch character {
            case "i", "I", "l", "L": upper = "1"
            case "o", "O": upper = "0"
            case "a"..."z": upper = Character(character.uppercased())
            default: upper = character
            }
            guard let value = upper.asciiValue.flatMap(digits.firstIndex) else { return nil }
            values.append(UInt8(value))
        }
        return values
    }

    /// The bits of some bytes, first bit first, in groups of five; the last one filled with zeros.
    package static func groups(of bytes: [UInt8]) -> [UInt8] {
        var groups: [UInt8] = []
        var bits: UInt16 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt16(byte)
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                groups.append(UInt8(bits >> bitCount & 31))
            }
            bits &= 1 << bitCount - 1
        }
        if bitCount > 0 { groups.append(UInt8(bits << (5 - bitCount) & 31)) }
        return groups
    }
}
