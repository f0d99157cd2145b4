import Diagnostics

/// The version of the application that plugins are for.
///
/// Applications are not npm packages, so more is read than SemVer has, and brought into its form:
///
/// | written | read as |
/// |---|---|
/// | `2.1.0-beta.3`, `v2.1.0+build.7` | itself |
/// | `2.441` | `2.441.0` |
/// | `2024.04.1` | `2024.4.1` |
/// | `2.1.0.5`, `2.1.0.0.5` | `2.1.0`: further dotted numbers say which build it is |
/// | `2.1.0.5-beta.1` | `2.1.0-beta.1` |
package struct ApplicationVersion: Hashable, Sendable, CustomStringConvertible {
    /// As it was given, for messages.
    package let description: String
    package let version: SemanticVersion

    /// - Throws: ``PackageError`` `registry.version-invalid`.
    package init(_ text: String) throws(PackageError) {
        let trimmed = VersionGrammar.text(JavaScriptText.trimmed(text))
        description = trimmed
        do {
            version = try SemanticVersion(trimmed)
        } catch {
            guard let version = Self.brought(trimmed) else {
                throw PackageError(
                    .registryVersionInvalid,
                    "\(quoted(text)) is no application version of the form 2.1.0, "
                        + "2.1.0-beta.3 or 2.1.", cause: error)
            }
            self.version = version
        }
    }

    /// Two to five dotted numbers, then what SemVer allows behind three.
    private static func brought(_ text: String) -> SemanticVersion? {
        let unprefixed = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let main = unprefixed.prefix { $0 == "." || ("0"..."9").contains($0) }
        let parts = main.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...5).contains(parts.count) else { return nil }
        var numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count else { return nil }
        if numbers.count == 2 { numbers.append(0) }
        let three = numbers.prefix(3).map(String.init).joined(separator: ".")
        return try? SemanticVersion(three + unprefixed.dropFirst(main.count))
    }
}

extension ApplicationVersion {
    /// The release versions that a vendor in lockstep may have for it, the best first: its own, then
    /// without its build stamp.
    ///
    /// A build stamp is a number of eight digits or more (a day, perhaps with the time) in the
    /// pre-release, or the fifth dotted part, whatever it is: `2.1.0-beta.3.20260801` is a build of
    /// `2.1.0-beta.3`. A stamped release candidate without a number of its own,
    /// `2.1.0-rc.20260801`, is a build of `2.1.0`. `2.1.0-rc.1` has no stamp and stays.
    package var lockstepVersions: [SemanticVersion] {
        let stamp = version.prerelease.firstIndex(where: Self.isStamp) ?? version.prerelease.count
        // Three parts before the hyphen's last, so the third identifier is the fifth dotted part.
        var kept = Array(version.prerelease.prefix(min(stamp, 2)))
        guard kept.count < version.prerelease.count else { return [version] }
        if kept == [.alphanumeric("rc")] { kept = [] }
        let stripped = SemanticVersion(
            major: version.major, minor: version.minor, patch: version.patch, prerelease: kept)
        return [version, stripped]
    }

    /// The channels whose newest release may stand in, for a pre-release of the application.
    package var standInChannels: [String] {
        guard let first = version.prerelease.first else { return [] }
        return first == .alphanumeric("alpha") ? ["alpha", "next"] : ["next"]
    }

    private static func isStamp(_ identifier: PrereleaseIdentifier) -> Bool {
        if case .numeric(let digits) = identifier { digits.utf8.count >= 8 } else { false }
    }
}
