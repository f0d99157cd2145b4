import Diagnostics

/// A range of versions with exactly the meaning that npm gives it (node-semver, strict).
///
/// Two readings are kept: npm's ordinary one, where a pre-release is admitted only when a comparator
/// of the same alternative names a pre-release of the same major.minor.patch, and the one with
/// `includePrerelease`, where pre-releases are ordered like every other version.
package struct VersionRange: Sendable {
    /// The range as it was written.
    package let text: String
    private let ordinary: ComparatorSet
    /// Nil where node-semver cannot read the range with `includePrerelease` (a bound above 2^53).
    private let inclusive: ComparatorSet?

    /// Reads a range as npm writes it.
    ///
    /// `^1.2.3`, `~1.2`, `1.x`, `>=1 <3`, `1.2 - 2.3`, `^1 || ^2`, `*`, the empty text.
    ///
    /// - Throws: ``PackageError`` `registry.range-invalid`.
    package init(_ text: String) throws(PackageError) {
        guard let ordinary = ComparatorSet(text, includingPrereleases: false) else {
            throw PackageError(
                .registryRangeInvalid,
                "\(quoted(text)) is no range of versions that npm knows.")
        }
        self.text = text
        self.ordinary = ordinary
        inclusive = ComparatorSet(text, includingPrereleases: true)
    }

    /// Whether the version is in the range: node-semver's `satisfies`.
    package func contains(
        _ version: SemanticVersion, includingPrereleases: Bool = false
    ) -> Bool {
        guard includingPrereleases else { return ordinary.admits(version, anyPrerelease: false) }
        return inclusive?.admits(version, anyPrerelease: true) ?? false
    }

    /// The versions that its comparators name, to tell how far a version is from it.
    var boundaries: [SemanticVersion] {
        ordinary.alternatives.flatMap { $0.map(\.version) }
    }
}

extension VersionRange: Hashable, CustomStringConvertible {
    package static func == (left: VersionRange, right: VersionRange) -> Bool {
        left.text == right.text
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }

    package var description: String { text }
}

/// One bound: an operator and a version.
struct VersionComparator: Hashable {
    enum Relation: String {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = ""
    }

    let relation: Relation
    let version: SemanticVersion

    func admits(_ other: SemanticVersion) -> Bool {
        switch relation {
        case .less: other < version
        case .lessOrEqual: other <= version
        case .greater: other > version
        case .greaterOrEqual: other >= version
        case .equal: other == version
        }
    }

    /// `<0.0.0-0`, which nothing satisfies.
    var isNull: Bool {
        relation == .less
            && version
                == SemanticVersion(
                    major: 0, minor: 0, patch: 0, prerelease: [.numeric(digits: "0")])
    }
}

/// What a range comes down to: alternatives, each a list of bounds that all hold; no bound is `*`.
struct ComparatorSet {
    let alternatives: [[VersionComparator]]

    /// The constructor of node-semver's `Range`; nil where that throws.
    init?(_ text: String, includingPrereleases: Bool) {
        var alternatives: [[VersionComparator]] = []
        for part in Self.parts(JavaScriptText.collapsed(text)) {
            let desugaring = RangeDesugaring(includingPrereleases: includingPrereleases)
            guard let comparators = desugaring.comparators(part) else { return nil }
            alternatives.append(comparators)
        }
        let satisfiable = alternatives.filter { !($0.first?.isNull ?? false) }
        if satisfiable.isEmpty {
            self.alternatives = [alternatives[0]]
        } else {
            // One alternative that is `*` stands for all, so that `* || 1.0.0-a` has no pre-release.
            let any = satisfiable.first(where: \.isEmpty)
            self.alternatives = any.map { [$0] } ?? satisfiable
        }
    }

    /// `testSet` of node-semver over all alternatives.
    func admits(_ version: SemanticVersion, anyPrerelease: Bool) -> Bool {
        alternatives.contains { comparators in
            guard comparators.allSatisfy({ $0.admits(version) }) else { return false }
            if anyPrerelease || !version.isPrerelease { return true }
            return comparators.contains {
                $0.version.isPrerelease && $0.version.hasSameTuple(as: version)
            }
        }
    }

    /// Split at `||` and trimmed.
    private static func parts(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while let bar = rest.indices.dropLast().first(where: {
            rest[$0] == UInt8(ascii: "|") && rest[$0 + 1] == UInt8(ascii: "|")
        }) {
            parts.append(rest[..<bar])
            rest = rest[(bar + 2)...]
        }
        parts.append(rest)
        return parts.map { part in
            let head = part.drop { $0 == UInt8(ascii: " ") }
            let tail = head.reversed().prefix { $0 == UInt8(ascii: " ") }.count
            return head.dropLast(tail)
        }
    }
}
