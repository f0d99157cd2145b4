/// A text file as editors of several systems write it, as UTF-8: it is that already, or UTF-16 with a
/// byte order mark, which is no part of the text.
func utf8(ofFile bytes: [UInt8]) -> [UInt8] {
    func utf8(_ high: Int, _ low: Int) -> [UInt8] {
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map {
            UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + low])
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
    return switch bytes.prefix(2) {
    case [0xFF, 0xFE]: utf8(1, 0)
    case [0xFE, 0xFF]: utf8(0, 1)
    default: Array(bytes.trimmingPrefix([0xEF, 0xBB, 0xBF]))
    }
}
