import Diagnostics

/// A piece of HTML, written as a string literal: every text that is put in is escaped, and only
/// other pieces of HTML are not.
///
/// ```
/// let row: HTML = "<td>\(plugin.name)</td>"
/// ```
///
/// Attribute values stand in double quotes, always.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral text: String) {
        self.text = text
    }

    init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    /// Text that is escaped.
    init(_ text: some StringProtocol) {
        self.text = Self.escaped(text)
    }

    /// Sentences in which a command stands between backticks; one without its second is a character
    /// like others.
    static func sentences(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        let pieces: [HTML] = parts.enumerated().map { index, part in
            if index.isMultiple(of: 2) { return HTML(part) }
            return index == parts.count - 1 ? "`\(part)" : "<code>\(part)</code>"
        }
        return "\(pieces)"
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }

        mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        mutating func appendInterpolation(_ value: some StringProtocol) {
            text += HTML.escaped(value)
        }

        mutating func appendInterpolation(_ number: some BinaryInteger) {
            text += "\(number)"
        }

        mutating func appendInterpolation(_ html: HTML) {
            text += html.text
        }

        /// Pieces one after the other; an absent one is an empty list.
        mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
            for piece in pieces { text += piece.text }
        }

        mutating func appendInterpolation(_ html: HTML?) {
            text += html?.text ?? ""
        }
    }

    /// The text with what means something in HTML as references; control characters, and those that
    /// turn the direction of text around, show as a replacement character.
    private static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n": result += "\n"
            case _ where scalar.isUnprintable: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
