/// Turns one alternative of a range into plain bounds: `Range.parseRange` of node-semver 7.6.
///
/// Its steps and their order are that function's, each one method here: hyphen, spacing, and then
/// for every word caret, tilde, x-range, star, `>=0.0.0`. They rewrite text, as they do there,
/// because what one leaves behind is what the next one reads.
struct RangeDesugaring {
    let includingPrereleases: Bool

    /// The bounds, none for `*`; nil where node-semver throws.
    func comparators(_ range: ArraySlice<UInt8>) -> [VersionComparator]? {
        let spaced = RangeSpacing.joined(hyphenReplaced(range)[...])
        let words = spaced.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            .flatMap { expanded(VersionGrammar.text($0)).split(separator: " ").map(String.init) }

        var comparators: [VersionComparator] = []
        for word in words where !isAnything(word) {
            guard let comparator = VersionComparator(word) else { return nil }
            comparators.append(comparator)
        }
        return comparators.first(where: \.isNull).map { [$0] } ?? comparators
    }

    /// `-0` where pre-releases count: the lowest pre-release of a version.
    private var lowest: String { includingPrereleases ? "-0" : "" }

    /// `1.2 - 3.4.5` → `>=1.2.0 <=3.4.5`.
    private func hyphenReplaced(_ range: ArraySlice<UInt8>) -> [UInt8] {
        let hyphen = range.indices.dropFirst().dropLast().first {
            range[$0 - 1] == UInt8(ascii: " ") && range[$0] == UInt8(ascii: "-")
                && range[$0 + 1] == UInt8(ascii: " ")
        }
        guard let hyphen,
            let from = PartialVersion(range[..<(hyphen - 1)]),
            let to = PartialVersion(range[(hyphen + 2)...])
        else { return Array(range) }
        let lower = lowerBound(from, VersionGrammar.text(range[..<(hyphen - 1)]))
        let upper = upperBound(to, VersionGrammar.text(range[(hyphen + 2)...]))
        return Array([lower, upper].filter { !$0.isEmpty }.joined(separator: " ").utf8)
    }

    private func lowerBound(_ from: PartialVersion, _ text: String) -> String {
        guard let major = from.major else { return "" }
        guard let minor = from.minor else { return ">=\(major).0.0\(lowest)" }
        guard from.patch != nil else { return ">=\(major).\(minor).0\(lowest)" }
        return from.prerelease.isEmpty ? ">=\(text)\(lowest)" : ">=\(text)"
    }

    private func upperBound(_ to: PartialVersion, _ text: String) -> String {
        guard let major = to.major else { return "" }
        guard let minor = to.minor else { return "<\(next(major)).0.0-0" }
        guard let patch = to.patch else { return "<\(major).\(next(minor)).0-0" }
        if let prerelease = to.prereleaseText {
            return "<=\(major).\(minor).\(patch)-\(prerelease)"
        }
        return includingPrereleases ? "<\(major).\(minor).\(next(patch))-0" : "<=\(text)"
    }

    private func expanded(_ word: String) -> String {
        let tildes = caretReplaced(word).split(separator: " ").map { tildeReplaced(String($0)) }
        let words = tildes.joined(separator: " ").split(separator: " ")
        return starReplaced(words.map { xRangeReplaced(String($0)) }.joined(separator: " "))
    }

    /// `^1.2.3` → `>=1.2.3 <2.0.0-0`, `^0.2` → `>=0.2.0 <0.3.0-0`, `^0.0.1` → `>=0.0.1 <0.0.2-0`.
    private func caretReplaced(_ word: String) -> String {
        guard word.utf8.first == UInt8(ascii: "^"),
            let version = PartialVersion(Array(word.utf8).dropFirst())
        else { return word }
        guard let major = version.major else { return "" }
        guard let minor = version.minor else {
            return ">=\(major).0.0\(lowest) <\(next(major)).0.0-0"
        }
        let isZero = major == "0"
        guard let patch = version.patch else {
            let upper = isZero ? "\(major).\(next(minor))" : "\(next(major)).0"
            return ">=\(major).\(minor).0\(lowest) <\(upper).0-0"
        }
        let upper =
            switch (isZero, minor) {
            case (true, "0"): "\(major).\(minor).\(next(patch))"
            case (true, _): "\(major).\(next(minor)).0"
            case (false, _): "\(next(major)).0.0"
            }
        // The lowest pre-release is added for zero majors only: so it is in node-semver.
        let suffix = version.prereleaseText.map { "-\($0)" } ?? (isZero ? lowest : "")
        return ">=\(major).\(minor).\(patch)\(suffix) <\(upper)-0"
    }

    /// `~1.2.3` → `>=1.2.3 <1.3.0-0`; `~>` is the same.
    private func tildeReplaced(_ word: String) -> String {
        var bytes = Array(word.utf8)[...]
        guard bytes.popFirst() == UInt8(ascii: "~") else { return word }
        if bytes.first == UInt8(ascii: ">") { bytes = bytes.dropFirst() }
        guard let version = PartialVersion(bytes) else { return word }
        guard let major = version.major else { return "" }
        guard let minor = version.minor else { return ">=\(major).0.0 <\(next(major)).0.0-0" }
        let suffix = version.prereleaseText.map { "-\($0)" } ?? ""
        return ">=\(major).\(minor).\(version.patch.map { $0 + suffix } ?? "0")"
            + " <\(major).\(next(minor)).0-0"
    }

    /// `1.x` → `>=1.0.0 <2.0.0-0`, `>1` → `>=2.0.0`, `<=1.2` → `<1.3.0-0`, `*` stays.
    private func xRangeReplaced(_ word: String) -> String {
        var (sign, rest) = VersionComparator.splitOperator(Array(word.utf8)[...])
        guard let version = PartialVersion(rest) else { return word }
        if version.patch != nil, version.minor != nil, version.major != nil { return word }
        if sign == "=" { sign = "" }
        guard let major = version.major else {
            return sign == "<" || sign == ">" ? "<0.0.0-0" : "*"
        }
        switch (sign, version.minor) {
        case ("", nil): return ">=\(major).0.0\(lowest) <\(next(major)).0.0-0"
        case ("", let minor?):
            return ">=\(major).\(minor).0\(lowest) <\(major).\(next(minor)).0-0"
        case (">", nil): return ">=\(next(major)).0.0\(lowest)"
        case (">", let minor?): return ">=\(major).\(next(minor)).0\(lowest)"
        case ("<=", nil): return "<\(next(major)).0.0-0"
        case ("<=", let minor?): return "<\(major).\(next(minor)).0-0"
        case ("<", let minor): return "<\(major).\(minor ?? "0").0-0"
        case (let sign, let minor): return "\(sign)\(major).\(minor ?? "0").0\(lowest)"
        }
    }

    /// STAR: the first `(<|>)?=?\*` goes, wherever it stands.
    private func starReplaced(_ words: String) -> String {
        let bytes = Array(words.utf8)
        guard let star = bytes.firstIndex(of: UInt8(ascii: "*")) else { return words }
        var start = star
        if start > 0, bytes[start - 1] == UInt8(ascii: " ") { start -= 1 }
        if start > 0, bytes[start - 1] == UInt8(ascii: "=") { start -= 1 }
        if start > 0, bytes[start - 1] == UInt8(ascii: "<") || bytes[start - 1] == UInt8(ascii: ">")
        {
            start -= 1
        }
        return VersionGrammar.text(bytes[..<start] + bytes[(star + 1)...])
    }

    private func isAnything(_ word: String) -> Bool {
        word == ">=0.0.0\(lowest)"
    }

    /// The digits of the number after; digits too long to count stay, and are refused as a version.
    private func next(_ digits: String) -> String {
        Int(digits).map { String($0 &+ 1) } ?? digits
    }
}

extension VersionComparator {
    /// COMPARATOR: `^GTLT(FULLPLAIN)$`, not empty.
    init?(_ word: String) {
        let (sign, rest) = Self.splitOperator(Array(word.utf8)[...])
        guard let relation = Relation(rawValue: sign == "=" ? "" : sign),
            let version = SemanticVersion(bytes: rest)
        else { return nil }
        self.init(relation: relation, version: version)
    }

    /// GTLT, and what follows.
    static func splitOperator(
        _ bytes: ArraySlice<UInt8>
    ) -> (sign: String, rest: ArraySlice<UInt8>) {
        var rest = bytes
        if rest.first == UInt8(ascii: "<") || rest.first == UInt8(ascii: ">") {
            rest = rest.dropFirst()
        }
        if rest.first == UInt8(ascii: "=") { rest = rest.dropFirst() }
        return (VersionGrammar.text(bytes.prefix(bytes.count - rest.count)), rest)
    }
}
