/// The DER bytes inside a PEM text (RFC 7468), and back.
enum PEMText {
    /// The bytes between the label's lines, or nil when the text is anything else.
    ///
    /// White space may surround the text, and lines may have any length and end.
    static func decode(_ text: String, label: String) -> [UInt8]? {
        var lines = text.split(whereSeparator: \.isNewline).map { line in
            String(
                line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
        lines.removeAll(where: \.isEmpty)
        guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----",
            lines.last == "-----END \(label)-----"
        else { return nil }
        return Base64.decode(lines.dropFirst().dropLast().joined())
    }

    /// The text with lines of 64 characters and a line feed at the end.
    static func encode(_ bytes: [UInt8], label: String) -> String {
        var digits = Base64.encode(bytes)[...]
        var text = "-----BEGIN \(label)-----\n"
        while !digits.isEmpty {
            text += digits.prefix(64) + "\n"
            digits = digits.dropFirst(64)
        }
        return text + "-----END \(label)-----\n"
    }
}
