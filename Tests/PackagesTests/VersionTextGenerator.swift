import TestSupport

/// Makes versions and ranges, mostly well formed, small numbers, so that they meet; some are not.
struct VersionTextGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func version() -> String {
        let text = full()
        return switch roll(20) {
        case 0: damaged(text)
        case 1: "v" + text
        case 2: " " + text + "\t"
        default: text
        }
    }

    mutating func range() -> String {
        var alternatives: [String] = []
        for _ in 0...(roll(4) == 0 ? roll(3) : 0) { alternatives.append(alternative()) }
        let text = alternatives.joined(separator: pick([" || ", "||", "|| ", "  ||  "]))
        return roll(12) == 0 ? damaged(text) : text
    }

    private mutating func alternative() -> String {
        if roll(6) == 0 { return partial() + pick([" - ", " - ", "  -  "]) + partial() }
        var words: [String] = []
        for _ in 0...(roll(3) == 0 ? roll(3) : 0) { words.append(comparator()) }
        return words.joined(separator: pick([" ", " ", "  ", "\t"]))
    }

    private mutating func comparator() -> String {
        let sign = pick([
            "", "", "^", "^", "^", "~", "~", "~>", ">", ">=", ">=", "<", "<", "<=", "=", "v", "=v",
            ">v", "^v", "~=", ">==", "*",
        ])
        return sign + pick(["", "", "", "", "", " ", "  "]) + partial()
    }

    private mutating func partial() -> String {
        switch roll(8) {
        case 0: part()
        case 1: "\(part()).\(part())"
        case 2: "\(part()).\(part()).\(part())" + (roll(3) == 0 ? suffix() : "")
        default: full()
        }
    }

    private mutating func full() -> String {
        "\(number()).\(number()).\(number())" + (roll(2) == 0 ? suffix() : "")
    }

    private mutating func part() -> String {
        roll(3) == 0 ? pick(["x", "X", "*"]) : number()
    }

    private mutating func number() -> String {
        roll(200) == 0
            ? pick(["01", "9007199254740991", "9007199254740992", "00", "99999999999999999999"])
            : String(roll(4))
    }

    private mutating func suffix() -> String {
        var text = ""
        if roll(8) > 0 {
            var identifiers: [String] = []
            for _ in 0...roll(3) {
                identifiers.append(
                    pick([
                        "0", "1", "2", "10", "alpha", "beta", "rc", "x", "-", "0a", "a-b", "4v",
                        "01",
                    ]))
            }
            text += "-" + identifiers.joined(separator: ".")
        }
        if roll(5) == 0 { text += "+" + pick(["build", "1", "0.01", "a-b.c"]) }
        return text
    }

    /// One or two characters removed, replaced or put in.
    private mutating func damaged(_ text: String) -> String {
        var characters = Array(text)
        for _ in 0...roll(2) {
            let position = roll(characters.count + 1)
            let replacement = Array(
                pick([
                    "", " ", ".", "-", "+", "=", ">", "<", "~", "^", "*", "x", "v", "|", "0", "9",
                    "\u{A0}", "é", "a", "  ", "- ", " =",
                ]))
            let end = min(position + roll(2), characters.count)
            characters.replaceSubrange(position..<end, with: replacement)
        }
        return String(characters)
    }

    private mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &random) }

    private mutating func pick(_ choices: [String]) -> String { choices[roll(choices.count)] }
}
