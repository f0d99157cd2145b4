package import CanonicalJSON
package import Cryptography
import FoundationEssentials
internal import GRDB
package import Packages

/// A release with what only the gateway needs of it.
package struct ReleaseRecord: Sendable {
    package let release: Release
    /// npm's `shasum`.
    package let sha1: Digest
    /// The tarball's `package.json`.
    package let manifest: JSONValue
    package let state: State

    /// Whether there is a signature for it, without which no reader sees it.
    package enum State: String, Sendable, Hashable {
        /// Signed, or to be signed by the gateway itself at once.
        case published
        /// The key that signs it is on another machine.
        case awaitingSignature = "awaiting-signature"
    }

    package init(
        release: Release, sha1: Digest, manifest: JSONValue, state: State = .published
    ) {
        self.release = release
        self.sha1 = sha1
        self.manifest = manifest
        self.state = state
    }
}

/// A plugin at one moment.
package struct PluginSnapshot: Sendable {
    /// ``Revisions/catalogue`` of that moment.
    package let catalogue: Int64
    /// How often what a packument says of the plugin has changed; 0: there is no such plugin.
    package let revision: Int64
    /// In the order of their versions.
    package let releases: [ReleaseRecord]
}

extension ReleaseRecord {
    init(_ row: Row) throws {
        let signatures = JSONReader(try storedJSON(row["signatures"]))
        self.init(
            release: try Release(
                name: try PackageName(row["plugin"]),
                version: try SemanticVersion(row["version"]),
                published: Date(seconds: row["published_at"]),
                channel: row["channel"],
                applicationRange: try (row["application_range"] as String?).map {
                    try VersionRange($0)
                },
                length: row["length"],
                sha512: try storedDigest(.sha512, row["sha512"]),
                unpackedSize: row["unpacked_size"],
                fileCount: row["file_count"],
                deprecated: row["deprecated"],
                yanked: row["yanked"],
                tags: Set(try storedStrings(row["tags"])),
                signatures: try signatures.array().map { try RegistrySignature($0) }),
            sha1: try storedDigest(.sha1, row["sha1"]),
            manifest: try storedJSON(row["manifest"]), state: try stored(row["state"]))
    }
}
