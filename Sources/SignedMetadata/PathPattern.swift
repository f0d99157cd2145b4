/// A pattern of target paths, as the shell knows them: `*`, `?` and `[…]`, none of which matches a
/// `/` (PATHPATTERN of section 4.5).
package struct PathPattern: Hashable, Sendable {
    package let text: String
    private let pieces: [Piece]
    /// What every match begins with: one look at it spares the search in almost all of the many
    /// patterns of a catalogue.
    private let beginning: [Unicode.Scalar]

    private enum Piece: Hashable, Sendable {
        case literal(Unicode.Scalar)
        case anyOne
        case anyRun
        case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    package init(_ text: String) {
        self.text = text
        pieces = Self.parse(Array(text.unicodeScalars))
        beginning = Array(text.unicodeScalars.prefix { !"*?[".unicodeScalars.contains($0) })
    }

    /// Whether the whole path fits.
    package func matches(_ path: String) -> Bool {
        path.unicodeScalars.starts(with: beginning) && states(after: path).contains(pieces.count)
    }

    /// Whether some path that begins with the prefix fits.
    func mayMatch(pathsUnder prefix: String) -> Bool {
        zip(prefix.unicodeScalars, beginning).allSatisfy(==) && !states(after: prefix).isEmpty
    }

    /// How many pieces may be used up once the text is read; each of them is one way to go on.
    ///
    /// All ways are followed at once, so that no pattern takes more than length × length steps.
    private func states(after text: String) -> Set<Int> {
        var states = closed([0])
        for scalar in text.unicodeScalars {
            var next: Set<Int> = []
            for state in states where state < pieces.count {
                switch pieces[state] {
                case .literal(let expected) where scalar == expected: next.insert(state + 1)
                case .anyOne where scalar != "/": next.insert(state + 1)
                case .anyRun where scalar != "/": next.insert(state)
                case .oneOf(let ranges, let negated)
                where scalar != "/" && ranges.contains { $0.contains(scalar) } != negated:
                    next.insert(state + 1)
                default: break
                }
            }
            if next.isEmpty { return [] }
            states = closed(next)
        }
        return states
    }

    /// A run may be empty: standing before it is standing behind it too.
    private func closed(_ states: Set<Int>) -> Set<Int> {
        var result = states
        for var state in states {
            while state < pieces.count, pieces[state] == .anyRun {
                state += 1
                result.insert(state)
            }
        }
        return result
    }

    private static func parse(_ text: [Unicode.Scalar]) -> [Piece] {
        var pieces: [Piece] = []
        var position = 0
        while position < text.count {
            switch text[position] {
            case "*":
                if pieces.last != .anyRun { pieces.append(.anyRun) }
            case "?": pieces.append(.anyOne)
            case "[":
                if let (piece, end) = parseClass(text, from: position) {
                    pieces.append(piece)
                    position = end
                } else {
                    pieces.append(.literal("["))
                }
            case let scalar: pieces.append(.literal(scalar))
            }
            position += 1
        }
        return pieces
    }

    /// The class that begins at that `[` and where its `]` stands, or nil when it never ends.
    private static func parseClass(
        _ text: [Unicode.Scalar], from start: Int
    ) -> (piece: Piece, end: Int)? {
        var position = start + 1
        let negated = position < text.count && text[position] == "!"
        if negated { position += 1 }
        let first = position
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while position < text.count {
            let low = text[position]
            if low == "]", position > first { return (.oneOf(ranges, negated: negated), position) }
            if low == "/" { return nil }
            if position + 2 < text.count, text[position + 1] == "-", text[position + 2] != "]" {
                let high = text[position + 2]
                if low <= high { ranges.append(low...high) }
                position += 3
            } else {
                ranges.append(low...low)
                position += 1
            }
        }
        return nil
    }
}
