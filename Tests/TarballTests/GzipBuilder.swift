/// Writes gzip members byte by byte; the content is stored, not compressed.
struct Gzip {
    var content: [UInt8]
    var method: UInt8 = 8
    var flags: UInt8 = 0
    /// What the flags announce: extra field, name, comment, header CRC.
    var headerFields: [UInt8] = []
    var crcError: UInt32 = 0
    var lengthError: UInt32 = 0

    init(_ content: [UInt8]) { self.content = content }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x1F, 0x8B, method, flags, 0, 0, 0, 0, 0, 3] + headerFields
        var rest = content[...]
        repeat {
            let part = rest.prefix(65_535)
            rest = rest.dropFirst(part.count)
            bytes.append(rest.isEmpty ? 1 : 0)
            bytes += Self.littleEndian(UInt16(part.count)) + Self.littleEndian(~UInt16(part.count))
            bytes += part
        } while !rest.isEmpty
        bytes += Self.littleEndian(crc32(content) ^ crcError)
        return bytes + Self.littleEndian(UInt32(truncatingIfNeeded: content.count) &+ lengthError)
    }

    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

/// The CRC-32 of gzip (RFC 1952 section 8).
func crc32(_ bytes: [UInt8]) -> UInt32 {
    // A plain loop: tests run without optimization.
    crcTable.withUnsafeBufferPointer { table in
        bytes.withUnsafeBufferPointer { bytes in
            var crc = ~UInt32(0)
            for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
            return ~crc
        }
    }
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
}

/// Several megabytes of zeros in a member that inflates a thousandfold: one dynamic block whose only
/// codes are a zero, a match of 258 bytes at distance 1, and the end.
func gzipOfZeros(prefix: [UInt8], zeros: Int) -> [UInt8] {
    var bits = BitWriter()
    // The prefix, stored and not final.
    bits.put(0, 3)
    bits.align()
    bits.bytes += Gzip.littleEndian(UInt16(prefix.count))
    bits.bytes += Gzip.littleEndian(~UInt16(prefix.count)) + prefix
    // RFC 1951 section 3.2.7: final, dynamic, 286 literal/length codes, 1 distance code, 19 lengths.
    bits.put(1, 1)
    bits.put(2, 2)
    bits.put(286 - 257, 5)
    bits.put(0, 5)
    bits.put(19 - 4, 4)
    // Code lengths of the code length alphabet in its odd order: 1, 2 and 18 have two bits, 0 too.
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
        bits.put([0, 1, 2, 18].contains(symbol) ? 2 : 0, 3)
    }
    // Canonical: 0 → 00, 1 → 01, 2 → 10, 18 → 11.
    func zeroLengths(_ count: Int) {
        bits.putCode(0b11, 2)
        bits.put(count - 11, 7)
    }
    bits.putCode(0b10, 2)  // Literal 0 has length 2.
    zeroLengths(138)
    zeroLengths(117)  // 1...255 have none.
    bits.putCode(0b10, 2)  // 256, the end, has length 2.
    zeroLengths(28)  // 257...284 have none.
    bits.putCode(0b01, 2)  // 285 has length 1.
    bits.putCode(0b01, 2)  // Distance 0 has length 1.
    // Canonical: 285 → 0, literal 0 → 10, 256 → 11; distance 0 → 0.
    // One zero at least must stand before the first match.
    let literals = (zeros - 1) % 258 + 1
    for _ in 0..<literals { bits.putCode(0b10, 2) }
    for _ in 0..<((zeros - literals) / 258) {
        bits.putCode(0, 1)
        bits.putCode(0, 1)
    }
    bits.putCode(0b11, 2)
    bits.align()
    let content = prefix + [UInt8](repeating: 0, count: zeros)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3] + bits.bytes + Gzip.littleEndian(crc32(content))
        + Gzip.littleEndian(UInt32(content.count))
}

/// Packs bits as deflate does: lowest first, Huffman codes highest first.
private struct BitWriter {
    var bytes: [UInt8] = []
    private var count = 0

    /// Lowest bit first.
    mutating func put(_ value: Int, _ width: Int) {
        for bit in 0..<width {
            if count % 8 == 0 { bytes.append(0) }
            bytes[bytes.count - 1] |= UInt8((value >> bit) & 1) << (count % 8)
            count += 1
        }
    }

    mutating func putCode(_ code: Int, _ width: Int) {
        for bit in (0..<width).reversed() { put((code >> bit) & 1, 1) }
    }

    mutating func align() { count = 0 }
}
