import Diagnostics

/// A version as Semantic Versioning 2.0.0 and node-semver's strict parser read it.
///
/// Build identifiers are kept and printed, but two versions that differ in them alone are equal, as
/// npm has it: one registry cannot hold both.
package struct SemanticVersion: Sendable {
    package let major: Int
    package let minor: Int
    package let patch: Int
    package let prerelease: [PrereleaseIdentifier]
    package let build: [String]

    package init(
        major: Int, minor: Int, patch: Int, prerelease: [PrereleaseIdentifier] = [],
        build: [String] = []
    ) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        self.build = build
    }

    /// Reads `1.2.3-beta.4+build`; a leading `v` and white space around it are let pass.
    ///
    /// - Throws: ``PackageError`` `registry.version-invalid`: not of that form, a leading zero, a
    ///   number above 2^53 − 1, more than 256 characters.
    package init(_ text: String) throws(PackageError) {
        // node-semver counts UTF-16 units before it trims.
        guard text.utf16.count <= 256, let version = Self(bytes: JavaScriptText.trimmed(text)[...])
        else {
            throw PackageError(
                .registryVersionInvalid,
                "\(quoted(text)) is no version of the form 1.2.3 or 1.2.3-beta.4.")
        }
        self = version
    }

    package var isPrerelease: Bool { !prerelease.isEmpty }

    /// Whether major, minor and patch are those of the other.
    package func hasSameTuple(as other: SemanticVersion) -> Bool {
        major == other.major && minor == other.minor && patch == other.patch
    }
}

/// One dotted part behind the hyphen of a pre-release.
///
/// Numbers are kept as digits and compared exactly, also above 2^53, where node-semver rounds: date
/// stamps with milliseconds are that long.
package enum PrereleaseIdentifier: Hashable, Sendable {
    case numeric(digits: String)
    case alphanumeric(String)
}

extension PrereleaseIdentifier: Comparable, CustomStringConvertible {
    package var description: String {
        switch self {
        case .numeric(let digits): digits
        case .alphanumeric(let text): text
        }
    }

    /// SemVer 2.0.0, section 11.4: numbers by value and before words, words in ASCII order.
    package static func < (left: PrereleaseIdentifier, right: PrereleaseIdentifier) -> Bool {
        switch (left, right) {
        case (.numeric(let left), .numeric(let right)):
            (left.utf8.count, left) < (right.utf8.count, right)
        case (.numeric, .alphanumeric): true
        case (.alphanumeric, .numeric): false
        case (.alphanumeric(let left), .alphanumeric(let right)): left < right
        }
    }
}

extension SemanticVersion: Comparable, Hashable {
    package static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.hasSameTuple(as: right) && left.prerelease == right.prerelease
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(major)
        hasher.combine(minor)
        hasher.combine(patch)
        hasher.combine(prerelease)
    }

    /// SemVer 2.0.0, section 11.
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        guard left.hasSameTuple(as: right) else {
            return (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
        }
        guard left.isPrerelease, right.isPrerelease else {
            return left.isPrerelease && !right.isPrerelease
        }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease)
    }
}

extension SemanticVersion: CustomStringConvertible {
    /// The text without the build identifiers, as npm normalizes it.
    package var withoutBuild: String {
        let suffix = prerelease.map(\.description).joined(separator: ".")
        return "\(major).\(minor).\(patch)" + (suffix.isEmpty ? "" : "-\(suffix)")
    }

    package var description: String {
        withoutBuild + (build.isEmpty ? "" : "+\(build.joined(separator: "."))")
    }
}
