import Testing

@testable import Cryptography

/// Every byte that is no hexadecimal digit is refused, wherever it stands.
@Suite struct HexTests {
    @Test func eachByteIsADigitOrRefused() {
        let digits = Array("0123456789abcdef".utf8)
        for byte in UInt8.min...UInt8.max {
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let lower = isUpper ? byte | 0x20 : byte
            let value = digits.firstIndex(of: lower).map { UInt8($0) }
            let high = [byte, UInt8(ascii: "7")]
            let low = [UInt8(ascii: "7"), byte]
            #expect(high.withUnsafeBytes { Hex.decode(digits: $0) } == value.map { [$0 << 4 | 7] })
            #expect(low.withUnsafeBytes { Hex.decode(digits: $0) } == value.map { [0x70 | $0] })
        }
    }

    @Test func decodesWhatItEncodes() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
        #expect(Hex.decode("") == [])
        #expect(Hex.decode("abc") == nil)
    }
}
