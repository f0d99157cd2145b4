/// White space as JavaScript's `trim()` and `\s` see it, on which node-semver's leniency rests.
enum JavaScriptText {
    /// The UTF-8 bytes without white space around them.
    static func trimmed(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(String(scalars[first...last]).utf8)
    }

    /// The UTF-8 bytes without white space around them, and one space for each run within.
    static func collapsed(_ text: String) -> [UInt8] {
        let words = text.unicodeScalars.split(whereSeparator: isSpace)
        return Array(words.map { String($0) }.joined(separator: " ").utf8)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A: true
        case 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
