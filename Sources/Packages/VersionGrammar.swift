/// The grammar of node-semver (`internal/re.js` of semver 7.6), as functions over bytes.
///
/// Swift's regular expressions would say the same in less, but cost start-up time in every program.
/// The names in capitals are those of the JavaScript.
enum VersionGrammar {
    /// `LETTERDASHNUMBER{…,250}` and `\d{…,256}`: the bounds that "safe" expressions have.
    static let maximumWord = 250
    static let maximumDigits = 256
    static let maximumNumber = 9_007_199_254_740_991

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    static func isLetterOrDash(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "-"): true
        default: false
        }
    }

    static func isX(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "x") || byte == UInt8(ascii: "X") || byte == UInt8(ascii: "*")
    }

    /// NUMERICIDENTIFIER, all of the bytes: `0` or digits without a leading zero.
    static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.allSatisfy(isDigit) else { return false }
        return first != UInt8(ascii: "0") ? bytes.count <= maximumDigits + 1 : bytes.count == 1
    }

    /// NONNUMERICIDENTIFIER, all of the bytes.
    static func isWord(_ bytes: ArraySlice<UInt8>) -> Bool {
        let digits = bytes.prefix(while: isDigit)
        let rest = bytes.dropFirst(digits.count)
        guard let first = rest.first, isLetterOrDash(first), digits.count <= maximumDigits else {
            return false
        }
        return rest.count <= maximumWord + 1
            && rest.allSatisfy { isDigit($0) || isLetterOrDash($0) }
    }

    /// The identifiers behind `-`, or nil when they are none.
    static func prerelease(_ bytes: ArraySlice<UInt8>) -> [PrereleaseIdentifier]? {
        var identifiers: [PrereleaseIdentifier] = []
        for part in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            if isNumber(part) {
                identifiers.append(.numeric(digits: text(part)))
            } else if isWord(part) {
                identifiers.append(.alphanumeric(text(part)))
            } else {
                return nil
            }
        }
        return identifiers
    }

    /// The identifiers behind `+`, or nil when they are none.
    static func build(_ bytes: ArraySlice<UInt8>) -> [String]? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areValid = parts.allSatisfy { part in
            (1...maximumWord).contains(part.count)
                && part.allSatisfy { isDigit($0) || isLetterOrDash($0) }
        }
        return areValid ? parts.map(text) : nil
    }

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes), as: UTF8.self)
    }
}

extension SemanticVersion {
    /// FULL: `^v?MAINVERSION PRERELEASE? BUILD?$`, with the constructor's limit on numbers.
    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count <= 256 else { return nil }
        let unprefixed = bytes.first == UInt8(ascii: "v") ? bytes.dropFirst() : bytes
        guard let partial = PartialVersion(unprefixed, skippingPrefix: false),
            let major = partial.major.flatMap(Int.init),
            let minor = partial.minor.flatMap(Int.init),
            let patch = partial.patch.flatMap(Int.init),
            max(major, minor, patch) <= VersionGrammar.maximumNumber
        else { return nil }
        self.init(
            major: major, minor: minor, patch: patch, prerelease: partial.prerelease,
            build: partial.build)
    }
}

/// A version in a range, parts of which may be missing: `1`, `1.2`, `1.x`, `*`, `1.2.3-beta.4`.
struct PartialVersion {
    /// The digits, or nil for a part that is missing or `x`, `X`, `*`.
    var major: String?
    var minor: String?
    var patch: String?
    var prerelease: [PrereleaseIdentifier] = []
    var build: [String] = []

    /// XRANGEPLAIN, all of the bytes: `[v=\s]*` and up to three parts, dotted.
    init?(_ bytes: ArraySlice<UInt8>, skippingPrefix: Bool = true) {
        let rest = skippingPrefix ? bytes.drop(while: Self.isPrefix) : bytes
        // Neither a hyphen nor a plus sign can stand in the three parts.
        let main = rest.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        let parts = main.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 3, parts.allSatisfy({ Self.isPart($0) }) else { return nil }
        (major, minor, patch) = (
            Self.digits(parts[0]), parts.count > 1 ? Self.digits(parts[1]) : nil,
            parts.count > 2 ? Self.digits(parts[2]) : nil
        )

        var suffix = rest.dropFirst(main.count)
        guard suffix.isEmpty || parts.count == 3 else { return nil }
        if suffix.first == UInt8(ascii: "-") {
            let text = suffix.dropFirst().prefix { $0 != UInt8(ascii: "+") }
            guard let prerelease = VersionGrammar.prerelease(text) else { return nil }
            self.prerelease = prerelease
            suffix = suffix.dropFirst(text.count + 1)
        }
        if !suffix.isEmpty {
            guard let build = VersionGrammar.build(suffix.dropFirst()) else { return nil }
            self.build = build
        }
    }

    var prereleaseText: String? {
        prerelease.isEmpty ? nil : prerelease.map(\.description).joined(separator: ".")
    }

    /// `[v=\s]`, where white space has been collapsed to spaces.
    static func isPrefix(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "v") || byte == UInt8(ascii: "=") || byte == UInt8(ascii: " ")
    }

    private static func isPart(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 1, let byte = bytes.first, VersionGrammar.isX(byte) else {
            return VersionGrammar.isNumber(bytes)
        }
        return true
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> String? {
        VersionGrammar.isNumber(bytes) ? VersionGrammar.text(bytes) : nil
    }
}
