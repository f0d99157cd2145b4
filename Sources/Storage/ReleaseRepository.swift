package import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
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

/// The plugins and their releases.
package struct ReleaseRepository: Sendable {
    let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Adds a release, and its plugin when it is the first.
    ///
    /// - Returns: nil, or the same bytes as somebody published them before
    /// - Throws: ``StorageError`` `registry.version-exists` when they were others.
    @discardableResult
    package func add(
        _ record: ReleaseRecord, by actor: Actor, at: Date
    ) async throws(StorageError) -> ReleaseRecord? {
        let release = record.release
        return try await database.write { database in
            if let known = try database.release(release.name, release.version) {
                guard known.release.sha512 == release.sha512 else {
                    throw StorageError(
                        .registryVersionExists,
                        "\(release.name)@\(release.version) is published already, with other bytes."
                    )
                }
                return known
            }
            try database.execute(
                sql: ReleaseSQL.insertPlugin, arguments: [release.name.description, at.seconds])
            try database.execute(
                sql: ReleaseSQL.insert,
                arguments: [
                    release.name.description, release.version.description, release.channel,
                    release.published.seconds, release.applicationRange?.text,
                    release.length, release.sha512.hex, record.sha1.hex, release.unpackedSize,
                    release.fileCount, release.deprecated, release.yanked,
                    JSONValue.array(release.signatures.map(\.json)).text, record.manifest.text,
                    at.seconds, record.state.rawValue,
                ])
            try database.moveTag(of: release.channel, to: release)
            try database.markUnsigned(release.name)
            try database.audit(
                "release.publish", of: release.name.description, by: actor, at: at,
                detail: [
                    "version": .string(release.version.description),
                    "sha512": .string(release.sha512.hex),
                ])
            return nil
        }
    }

    /// Withdraws a release: no new installs, and the bytes stay for those who run it.
    ///
    /// - Returns: nil, or the reason of one that was withdrawn before: it stays
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    @discardableResult
    package func yank(
        _ name: PackageName, _ version: SemanticVersion, reason: String, by actor: Actor, at: Date
    ) async throws(StorageError) -> String? {
        try await database.write { database in
            guard let known = try database.release(name, version) else {
                throw StorageError(.recordNotFound, "There is no release \(name)@\(version).")
            }
            if let before = known.release.yanked { return before }
            try database.execute(
                sql: ReleaseSQL.yank, arguments: [reason, name.description, version.description])
            try database.execute(
                sql: ReleaseSQL.untag, arguments: [name.description, version.description])
            try database.markUnsigned(name)
            try database.audit(
                "release.yank", of: name.description, by: actor, at: at,
                detail: ["version": .string(version.description), "reason": .string(reason)])
            return nil
        }
    }

    /// Says of releases why nobody should start to use them; nil takes it back.
    ///
    /// What says the same as before changes nothing.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`, and then nothing is changed.
    package func deprecate(
        _ name: PackageName, _ messages: [SemanticVersion: String?], by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            for (version, message) in messages.sorted(by: { $0.key < $1.key }) {
                let known = try database.known(name, version)
                guard known.release.deprecated != message else { continue }
                try database.execute(
                    sql: ReleaseSQL.deprecate,
                    arguments: [message, name.description, version.description])
                try database.markUnsigned(name)
                try database.audit(
                    "release.deprecate", of: name.description, by: actor, at: at,
                    detail: [
                        "version": .string(version.description),
                        "message": message.map { .string($0) } ?? .null,
                    ])
            }
        }
    }

    /// Points a tag at a release, wherever it pointed before.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`, also for a release that was withdrawn.
    package func setTag(
        _ tag: DistTag, of name: PackageName, to version: SemanticVersion, by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            guard try database.known(name, version).release.yanked == nil else {
                throw StorageError(
                    .recordNotFound, "\(name)@\(version) was withdrawn: no tag points to it.")
            }
            try database.execute(
                sql: ReleaseSQL.setTag,
                arguments: [name.description, tag.text, version.description])
            try database.markUnsigned(name)
            try database.audit(
                "tag.set", of: name.description, by: actor, at: at,
                detail: ["tag": .string(tag.text), "version": .string(version.description)])
        }
    }

    /// Removes a tag; that of a channel points to the channel's highest release then.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    package func removeTag(
        _ tag: DistTag, of name: PackageName, by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            try database.execute(
                sql: ReleaseSQL.removeTag, arguments: [name.description, tag.text])
            guard database.changesCount > 0 else {
                throw StorageError(
                    .recordNotFound, "\(name) has no tag \(tag.text) that was set by somebody.",
                    remedy: "Look with `npm dist-tag ls`; those of channels follow by themselves.")
            }
            try database.markUnsigned(name)
            try database.audit(
                "tag.remove", of: name.description, by: actor, at: at,
                detail: ["tag": .string(tag.text)])
        }
    }

    /// A plugin with the releases that readers see and the revisions that they belong to.
    package func snapshot(of name: PackageName) async throws(StorageError) -> PluginSnapshot {
        try await database.read { database in
            PluginSnapshot(
                catalogue: try database.revisions().catalogue,
                revision: try Int64.fetchOne(
                    database, sql: ReleaseSQL.revision, arguments: [name.description]) ?? 0,
                releases: try database.releases(of: name).filter { $0.state == .published })
        }
    }

    /// A release as readers see it: nil for one that awaits its signature.
    package func release(
        _ name: PackageName, _ version: SemanticVersion
    ) async throws(StorageError) -> ReleaseRecord? {
        try await recordedRelease(name, version).flatMap { $0.state == .published ? $0 : nil }
    }

    /// The releases of a plugin that readers see, in the order of their versions.
    ///
    /// The one place that hides those that await their signature: whatever answers an installation
    /// asks here or ``release(_:_:)``.
    package func releases(of name: PackageName) async throws(StorageError) -> [ReleaseRecord] {
        try await allReleases(of: name).filter { $0.state == .published }
    }

    /// A release, also one that awaits its signature.
    package func recordedRelease(
        _ name: PackageName, _ version: SemanticVersion
    ) async throws(StorageError) -> ReleaseRecord? {
        try await database.read { try $0.release(name, version) }
    }

    /// All releases of a plugin, in the order of their versions, for the vendor's own eyes.
    package func allReleases(of name: PackageName) async throws(StorageError) -> [ReleaseRecord] {
        try await database.read { try $0.releases(of: name) }
    }

    /// Those of the names that there is a plugin of, in their order.
    package func existing(among names: [PackageName]) async throws(StorageError) -> [PackageName] {
        try await database.read { database in
            let statement = try database.cachedStatement(sql: ReleaseSQL.exists)
            return try names.filter {
                try Bool.fetchOne(statement, arguments: [$0.description]) == true
            }
        }
    }

    /// The names of all plugins, sorted.
    package func plugins() async throws(StorageError) -> [PackageName] {
        try await database.read { database in
            try String.fetchAll(database, sql: ReleaseSQL.plugins).map { try PackageName($0) }
        }
    }
}

extension Database {
    fileprivate func release(
        _ name: PackageName, _ version: SemanticVersion
    ) throws -> ReleaseRecord? {
        try Row.fetchOne(
            self, sql: ReleaseSQL.release, arguments: [name.description, version.description]
        ).map(ReleaseRecord.init)
    }

    fileprivate func releases(of name: PackageName) throws -> [ReleaseRecord] {
        try Row.fetchAll(
            cachedStatement(sql: ReleaseSQL.releasesOfPlugin), arguments: [name.description]
        ).map(ReleaseRecord.init).sorted { $0.release.version < $1.release.version }
    }

    fileprivate func known(
        _ name: PackageName, _ version: SemanticVersion
    ) throws -> ReleaseRecord {
        guard let known = try release(name, version) else {
            throw StorageError(.recordNotFound, "There is no release \(name)@\(version).")
        }
        return known
    }

    /// Lets a channel's tag that somebody set follow the channel again, once a higher release is there.
    ///
    /// One that was set on a higher release than that stays there.
    fileprivate func moveTag(of channel: String, to release: Release) throws {
        let name = release.name.description
        guard
            let pinned = try String.fetchOne(
                self, sql: ReleaseSQL.taggedVersion, arguments: [name, channel]),
            try SemanticVersion(pinned) < release.version
        else { return }
        try execute(sql: ReleaseSQL.removeTag, arguments: [name, channel])
    }
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

enum ReleaseSQL {
    static let insertPlugin = """
        INSERT INTO plugin (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING
        """
    static let insert = """
        INSERT INTO release (
            plugin, version, channel, published_at, application_range, length, sha512, sha1,
            unpacked_size, file_count, deprecated, yanked, signatures, manifest, created_at, state
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    /// What a record is read from.
    static let columns = """
        release.*, (
            SELECT json_group_array(tag) FROM dist_tag
            WHERE dist_tag.plugin = release.plugin AND dist_tag.version = release.version
        ) AS tags
        """
    static let release = "SELECT \(columns) FROM release WHERE plugin = ? AND version = ?"
    static let releasesOfPlugin = "SELECT \(columns) FROM release WHERE plugin = ?"
    static let exists = "SELECT EXISTS (SELECT 1 FROM plugin WHERE name = ?)"
    static let plugins = "SELECT name FROM plugin ORDER BY name"
    static let yank = "UPDATE release SET yanked = ? WHERE plugin = ? AND version = ?"
    static let deprecate = "UPDATE release SET deprecated = ? WHERE plugin = ? AND version = ?"
    static let setTag = """
        INSERT INTO dist_tag (plugin, tag, version) VALUES (?, ?, ?)
        ON CONFLICT (plugin, tag) DO UPDATE SET version = excluded.version
        """
    static let removeTag = "DELETE FROM dist_tag WHERE plugin = ? AND tag = ?"
    static let untag = "DELETE FROM dist_tag WHERE plugin = ? AND version = ?"
    static let taggedVersion = "SELECT version FROM dist_tag WHERE plugin = ? AND tag = ?"
    static let revision = "SELECT change_number FROM plugin WHERE name = ?"
}
