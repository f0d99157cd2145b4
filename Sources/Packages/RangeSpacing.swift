/// The three rewrites that draw an operator to its version: `> 1.2`, `~ 1.2`, `^ 1.2`.
///
/// They are node-semver's COMPARATORTRIM, TILDETRIM and CARETTRIM, each applied once from left to
/// right. What they fail to join stays apart, is then no comparator, and makes the range invalid;
/// so the odd cases must fail here exactly where they fail there.
struct RangeSpacing {
    let bytes: ArraySlice<UInt8>

    /// The range with operators drawn to their versions.
    static func joined(_ range: ArraySlice<UInt8>) -> [UInt8] {
        let comparators = RangeSpacing(bytes: range).joiningComparators()
        let tildes = RangeSpacing(bytes: comparators[...]).joining(UInt8(ascii: "~"))
        return RangeSpacing(bytes: tildes[...]).joining(UInt8(ascii: "^"))
    }

    /// COMPARATORTRIM: `(\s*)GTLT\s*(LOOSEPLAIN|XRANGEPLAIN)` becomes `$1$2$3`.
    ///
    /// XRANGEPLAIN is enough: where LOOSEPLAIN reaches further the word is no strict version.
    private func joiningComparators() -> [UInt8] {
        var result: [UInt8] = []
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let start = position
            if isSpace(position) { position += 1 }
            position = afterOperator(position)
            let operatorEnd = position
            if isSpace(position) { position += 1 }
            let spaceEnd = position
            while position < bytes.endIndex, PartialVersion.isPrefix(bytes[position]) {
                position += 1
            }
            if let end = afterPartialVersion(position) {
                result += bytes[start..<operatorEnd]
                result += bytes[spaceEnd..<end]
                position = end
            } else {
                // Every start in between would run to the same byte and fail there as well.
                position = max(start + 1, position)
                result += bytes[start..<position]
            }
        }
        return result
    }

    /// TILDETRIM and CARETTRIM: the white space behind `~`, `~>` or `^` goes, and so does the `>`.
    private func joining(_ sign: UInt8) -> [UInt8] {
        var result: [UInt8] = []
        var position = bytes.startIndex
        while position < bytes.endIndex {
            result.append(bytes[position])
            position += 1
            guard result.last == sign else { continue }
            if isSpace(position) {
                position += 1
            } else if sign == UInt8(ascii: "~"), peek(position) == UInt8(ascii: ">"),
                isSpace(position + 1)
            {
                position += 2
            }
        }
        return result
    }

    /// GTLT: `(?:<|>)?=?`.
    private func afterOperator(_ start: Int) -> Int {
        var position = start
        if peek(position) == UInt8(ascii: "<") || peek(position) == UInt8(ascii: ">") {
            position += 1
        }
        return peek(position) == UInt8(ascii: "=") ? position + 1 : position
    }

    /// XIDENTIFIER(.XIDENTIFIER(.XIDENTIFIER PRERELEASE? BUILD?)?)?, as far as it goes.
    private func afterPartialVersion(_ start: Int) -> Int? {
        guard let major = afterPart(start) else { return nil }
        guard peek(major) == UInt8(ascii: "."), let minor = afterPart(major + 1) else {
            return major
        }
        guard peek(minor) == UInt8(ascii: "."), let patch = afterPart(minor + 1) else {
            return minor
        }
        guard peek(patch) == UInt8(ascii: "-") else { return afterBuild(patch) }
        return afterBuild(afterIdentifiers(patch + 1) ?? patch)
    }

    private func afterPart(_ start: Int) -> Int? {
        guard let byte = peek(start) else { return nil }
        return VersionGrammar.isX(byte) ? start + 1 : afterNumber(start)
    }

    /// NUMERICIDENTIFIER: a zero alone, or digits.
    private func afterNumber(_ start: Int) -> Int? {
        peek(start) == UInt8(ascii: "0") ? start + 1 : afterDigits(start)
    }

    private func afterDigits(_ start: Int) -> Int? {
        var position = start
        while let byte = peek(position), VersionGrammar.isDigit(byte) { position += 1 }
        return position > start ? position : nil
    }

    /// Dotted pre-release identifiers; a number is tried first, so `4a` ends behind the `4`.
    private func afterIdentifiers(_ start: Int) -> Int? {
        guard var end = afterIdentifier(start) else { return nil }
        while peek(end) == UInt8(ascii: "."), let next = afterIdentifier(end + 1) {
            end = next
        }
        return end
    }

    private func afterIdentifier(_ start: Int) -> Int? {
        if let end = afterNumber(start) { return end }
        guard let byte = peek(start), VersionGrammar.isLetterOrDash(byte) else { return nil }
        return afterWord(start)
    }

    private func afterBuild(_ start: Int) -> Int {
        guard peek(start) == UInt8(ascii: "+"), var end = afterWord(start + 1) else { return start }
        while peek(end) == UInt8(ascii: "."), let next = afterWord(end + 1) { end = next }
        return end
    }

    private func afterWord(_ start: Int) -> Int? {
        var position = start
        while let byte = peek(position),
            VersionGrammar.isDigit(byte) || VersionGrammar.isLetterOrDash(byte)
        {
            position += 1
        }
        return position > start ? position : nil
    }

    private func peek(_ position: Int) -> UInt8? {
        bytes.indices.contains(position) ? bytes[position] : nil
    }

    private func isSpace(_ position: Int) -> Bool {
        peek(position) == UInt8(ascii: " ")
    }
}
