import Diagnostics

/// A piece of HTML, written as a string literal: every text that is put in is escaped, and only
/// other pieces of HTML are not.
///
/// ```
/// let row: HTML = "<td>\(plugin.name)</td>"
/// ```
///
/// Attribute values stand in double quotes, always.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    package private(set) var text: String

    package init(stringLiteral text: String) {
        self.text = text
    }

    package init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    /// Text that is escaped.
    package init(_ text: some StringProtocol) {
        self.text = Self.escaped(text)
    }

    /// Sentences in which a command stands between backticks; one without its second is a character
    /// like others.
    package static func sentences(_ text: String) -> HTML {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        let pieces: [HTML] = parts.enumerated().map { index, part in
            if index.isMultiple(of: 2) { return HTML(part) }
            return index == parts.count - 1 ? "`\(part)" : "<code>\(part)</code>"
        }
        return "\(pieces)"
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity * 2)
        }

        package mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        package mutating func appendInterpolation(_ value: some StringProtocol) {
            text += HTML.escaped(value)
        }

        package mutating func appendInterpolation(_ number: some BinaryInteger) {
            text += "\(number)"
        }

        package mutating func appendInterpolation(_ html: HTML) {
            text += html.text
        }

        /// Pieces one after the other; an absent one is an empty list.
        package mutating func appendInterpolation(_ pieces: some Sequence<HTML>) {
            for piece in pieces { text += piece.text }
        }

        package mutating func appendInterpolation(_ html: HTML?) {
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
