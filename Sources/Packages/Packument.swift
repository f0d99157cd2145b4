package import CanonicalJSON
package import Cryptography
import Diagnostics
import FoundationEssentials

/// What a registry answers for a package's name.
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

    /// How much of it a client asks for.
    package enum Form: Hashable, Sendable {
        /// `application/json`: everything, with `time`.
        case full
        /// `application/vnd.npm.install-v1+json`: what installing needs
        /// (<https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>).
        case abbreviated
    }

    /// The packument as JSON.
    ///
    /// - Parameters:
    ///   - form: How much of it.
    ///   - baseURL: What tarball addresses begin with, without a slash at the end:
    ///     `https://plugins.acme.example`.
    ///   - revision: CouchDB's `_rev`, by which a client says what it changes; nil: nobody changes it.
    /// - Returns: The document.
    package func json(
        _ form: Form = .full, baseURL: String, revision: Int64? = nil
    ) -> JSONValue {
        var tags: JSONObject = [:]
        for (tag, version) in distTags { tags[tag] = .string(version.description) }
        var versions: JSONObject = [:]
        for entry in entries {
            versions[entry.release.version.description] = entry.json(form, baseURL: baseURL)
        }
        var object: JSONObject = ["name": .string(name.description)]
        if form == .full {
            object["_id"] = .string(name.description)
            object["_rev"] = revision.map { .string("\($0)") }
            let newest = distTags.first { $0.tag == Release.latestChannel }
                .flatMap { latest in entries.first { $0.release.version == latest.version } }
            for member in [
                "description", "license", "readme", "keywords", "homepage", "repository", "author",
                "bugs",
            ] {
                object[member] = newest?.manifest.raw[member]
            }
        }
        object["dist-tags"] = .object(tags)
        object["versions"] = .object(versions)
        switch form {
        case .full: object["time"] = time
        case .abbreviated: object["modified"] = modified
        }
        return .object(object)
    }

    private var modified: JSONValue? {
        entries.map(\.release.published).max().map { .string($0.wireText) }
    }

    private var time: JSONValue {
        var time: JSONObject = [:]
        time["created"] = entries.map(\.release.published).min().map { .string($0.wireText) }
        time["modified"] = modified
        for entry in entries {
            time[entry.release.version.description] =
                .string(entry.release.published.wireText)
        }
        return .object(time)
    }

    /// Each channel's tag points to its highest release, unless somebody pointed it to another.
    private static func tags(_ releases: [Release]) -> [(tag: String, version: SemanticVersion)] {
        var tags: [String: SemanticVersion] = [:]
        // Ascending, so that the highest of a channel wins.
        for release in releases { tags[release.channel] = release.version }
        for release in releases {
            for tag in release.tags { tags[tag] = release.version }
        }
        // npm wants a `latest`; of nothing but pre-releases the newest has to serve.
        tags[Release.latestChannel] = tags[Release.latestChannel] ?? releases.last?.version
        return tags.sorted {
            $1.key != Release.latestChannel && ($0.key == Release.latestChannel || $0.key < $1.key)
        }.map { (tag: $0.key, version: $0.value) }
    }
}

extension Packument.Entry {
    /// The version's manifest with `_id`, `dist` and `deprecated`.
    func json(_ form: Packument.Form, baseURL: String) -> JSONValue {
        var object: JSONObject
        switch form {
        case .full:
            object = manifest.raw
            // What the package says of these about itself never counts.
            for member in ["_id", "dist", "deprecated"] { object[member] = nil }
            object["_id"] = .string("\(release.name)@\(release.version)")
        case .abbreviated:
            object = [:]
            for member in Self.abbreviated { object[member] = manifest.raw[member] }
        }
        if hasInstallScript { object["hasInstallScript"] = true }
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

    /// npm runs these when it installs a package, and wants to know beforehand whether there are any.
    private var hasInstallScript: Bool {
        let scripts = manifest.raw["scripts"]
        return ["preinstall", "install", "postinstall"].contains { scripts?[$0]?.string != nil }
    }

    private static let abbreviated = [
        "name", "version", "dependencies", "optionalDependencies", "devDependencies",
        "bundleDependencies", "bundledDependencies", "peerDependencies", "peerDependenciesMeta",
        "acceptDependencies", "bin", "directories", "engines", "os", "cpu", "libc", "funding",
    ]
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
