/// How text is laid out for whoever reads it: a terminal of some width, or a file.
package struct TextLayout: Sendable, Equatable {
    /// How many columns a line may have; nil: any number, as in a file or a pipe.
    package var width: Int?
    package var hasColor: Bool

    /// For a file or a pipe: nothing is shortened, nothing coloured.
    package static let plain = TextLayout(width: nil, hasColor: false)

    package init(width: Int?, hasColor: Bool) {
        self.width = width
        self.hasColor = hasColor
    }

    /// The text in a colour, where there are colours.
    package func colored(_ text: String, _ color: TextColor?) -> String {
        guard hasColor, let color else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// The text in lines that fit, broken between words; what follows the first line is indented.
    package func wrapped(_ text: String, indent: Int) -> String {
        guard let width, text.columns > width else { return text }
        let margin = String(repeating: " ", count: min(indent, width / 2))
        var lines: [String] = []
        // White space at the beginning belongs to the first word.
        var line = String(text.prefix { $0 == " " })
        var isEmpty = true
        for word in text.split(separator: " ") {
            var word = word[...]
            if !isEmpty, line.columns + 1 + word.columns > width {
                lines.append(line)
                line = margin
                isEmpty = true
            }
            // A word that is longer than a line is broken where the line ends.
            while line.columns + (isEmpty ? 0 : 1) + word.columns > width {
                let part = word.prefix(columns: max(width - line.columns, 1))
                lines.append(line + part)
                word = word.dropFirst(part.count)
                line = margin
            }
            line += isEmpty ? String(word) : " \(word)"
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}

/// What a colour says: the number of its escape sequence (ECMA-48, SGR).
package enum TextColor: Int, Sendable {
    /// Something failed.
    case red = 31
    /// Something was done.
    case green = 32
    /// Something wants attention.
    case yellow = 33
}

extension StringProtocol {
    /// How many columns of a terminal it takes: two for the characters of East Asia and pictures.
    package var columns: Int { reduce(0) { $0 + $1.columns } }

    /// As many characters from the beginning as fit into that many columns, at least one.
    fileprivate func prefix(columns limit: Int) -> String {
        var taken = ""
        var columns = 0
        for character in self {
            columns += character.columns
            guard columns <= limit || taken.isEmpty else { break }
            taken.append(character)
        }
        return taken
    }

    /// The text in that many columns, with `…` in the middle for what does not fit: names differ at
    /// both ends.
    package func shortened(to limit: Int) -> String {
        guard columns > limit else { return String(self) }
        guard limit > 1 else { return "…" }
        let tail = String(reversed()).prefix(columns: (limit - 1) / 2)
        let head = prefix(columns: limit - 1 - (limit > 2 ? tail.columns : 0))
        return head + "…" + (limit > 2 ? String(tail.reversed()) : "")
    }
}

extension Character {
    /// Unicode's East Asian Width, as far as terminals agree on it (UAX #11).
    fileprivate var columns: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        return switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}
