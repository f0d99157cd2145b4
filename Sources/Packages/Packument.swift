package import CanonicalJSON
package import Cryptography
import Diagnostics
import FoundationEssentials

/// What a registry answers for a package's name: all its versions, full form.
///
/// Built from the releases that one license may see. A withdrawn release is not among them: npm
/// must not choose it, while its tarball stays where it is for those who run it.
package struct Packument: Hashable, Sendable {
    /// One release with what npm wants to know besides.
    package struct Entry: Hashable, Sendable {
        package let release: Release
        package let manifest: PackageManifest
        /// SHA-1 of the tarball, for old clients.
        package let shasum: Digest

        /// - Throws: ``PackageError`` `registry.release-invalid` when the manifest is not that of
        ///   the release, or the digest is not SHA-1.
        package init(
            release: Release, manifest: PackageManifest, shasum: Digest
        ) throws(PackageError) {
            guard manifest.name == release.name, manifest.version == release.version,
                shasum.algorithm == .sha1
            else {
                throw PackageError(
                    .registryReleaseInvalid,
                    "The manifest of \(manifest.name)@\(manifest.version) or its SHA-1 is not that "
                        + "of \(release.name)@\(release.version).")
            }
            self.release = release
            self.manifest = manifest
            self.shasum = shasum
        }
    }

    package let name: PackageName
    /// Ascending by version.
    package let entries: [Entry]
    /// Tag and version, `latest` first.
    package let distTags: [(tag: String, version: SemanticVersion)]

    /// - Parameters:
    ///   - name: The package; entries of others are left out.
    ///   - entries: Its releases, in any order.
    package init(name: PackageName, entries: [Entry]) {
        let visible = entries.filter { $0.release.name == name && $0.release.yanked == nil }
            .sorted { $0.release.version < $1.release.version }
        self.name = name
        self.entries = visible
        self.distTags = Self.tags(visible.map(\.release))
    }

    /// The packument as JSON.
    ///
    /// - Parameter baseURL: What tarball addresses begin with, without a slash at the end:
    ///   `https://plugins.acme.example`.
    /// - Returns: The full form (`application/json`), with `time`.
    package func json(baseURL: String) -> JSONValue {
        var tags: JSONObject = [:]
        for (tag, version) in distTags { tags[tag] = .string(version.description) }
        var versions: JSONObject = [:]
        for entry in entries {
            versions[entry.release.version.description] = entry.json(baseURL: baseURL)
        }
        var object: JSONObject = [
            "_id": .string(name.description),
            "name": .string(name.description),
        ]
        let newest = distTags.first { $0.tag == Release.latestChannel }
            .flatMap { latest in entries.first { $0.release.version == latest.version } }
        for member in ["description", "license", "readme", "keywords", "homepage", "repository"] {
            object[member] = newest?.manifest.raw[member]
        }
        object["dist-tags"] = .object(tags)
        object["versions"] = .object(versions)
        object["time"] = time
        return .object(object)
    }

    private var time: JSONValue {
        var time: JSONObject = [:]
        let dates = entries.map(\.release.published)
        time["created"] = dates.min().map { .string($0.wireText) }
        time["modified"] = dates.max().map { .string($0.wireText) }
        for entry in entries {
            time[entry.release.version.description] =
                .string(entry.release.published.wireText)
        }
        return .object(time)
    }

    /// Each channel's tag points to its newest release.
    private static func tags(_ releases: [Release]) -> [(tag: String, version: SemanticVersion)] {
        var tags: [String: SemanticVersion] = [:]
        // Ascending, so that the highest of a channel wins.
        for release in releases { tags[release.channel] = release.version }
        // npm wants a `latest`; of nothing but pre-releases the newest has to serve.
        tags[Release.latestChannel] = tags[Release.latestChannel] ?? releases.last?.version
        return tags.sorted {
            $1.key != Release.latestChannel && ($0.key == Release.latestChannel || $0.key < $1.key)
        }.map { (tag: $0.key, version: $0.value) }
    }
}

extension Packument.Entry {
    /// The version's manifest with `_id`, `dist` and `deprecated`.
    func json(baseURL: String) -> JSONValue {
        var object = manifest.raw
        // What the package says of these about itself never counts.
        for member in ["_id", "dist", "deprecated"] { object[member] = nil }
        object["_id"] = .string("\(release.name)@\(release.version)")
        object["deprecated"] = release.deprecated.map { .string($0) }
        object["dist"] = [
            "tarball": .string("\(baseURL)/\(release.targetPath)"),
            "integrity": .string(release.integrity.description),
            "shasum": .string(shasum.hex),
            "unpackedSize": .integer(release.unpackedSize),
            "fileCount": .integer(Int64(release.fileCount)),
            "signatures": .array(release.signatures.map(\.json)),
        ]
        return .object(object)
    }
}

extension Packument {
    package static func == (left: Packument, right: Packument) -> Bool {
        left.name == right.name && left.entries == right.entries
            && left.distTags.elementsEqual(right.distTags, by: ==)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(entries)
    }
}
