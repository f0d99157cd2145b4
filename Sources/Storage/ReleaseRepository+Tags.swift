import CanonicalJSON
import Diagnostics
package import FoundationEssentials
internal import GRDB
package import Packages

/// The tags that somebody set.
extension ReleaseRepository {
    /// Points a tag at a release, wherever it pointed before.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`, also for a release that was withdrawn
    ///   or awaits its signature: the tag stays where it was.
    package func setTag(
        _ tag: DistTag, of name: PackageName, to version: SemanticVersion, by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            let known = try database.known(name, version)
            guard known.release.yanked == nil else {
                throw StorageError(
                    .recordNotFound, "\(name)@\(version) was withdrawn: no tag points to it.")
            }
            guard known.state == .published else {
                throw StorageError(
                    .recordNotFound,
                    "\(name)@\(version) awaits its signature: no tag points to it before.",
                    remedy: "Have it signed (`tollgate keys export-unsigned`), then set the tag.")
            }
            try database.execute(
                sql: ReleaseTagSQL.set,
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
            guard try database.removeTag(tag.text, of: name) else {
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
}

extension [ReleaseRecord] {
    /// All of a plugin's releases with the tags that they have once none awaits its signature.
    ///
    /// A channel's tag that somebody set follows the channel again once a higher release is there; one
    /// that was set on a higher release than that stays. So it is signed with the release that moves
    /// it.
    package var onceSigned: [ReleaseRecord] {
        let moving = filter { $0.state == .awaitingSignature && $0.release.yanked == nil }
        return map { record in
            var release = record.release
            for next in moving
            where next.release.version > release.version {
                release.tags.remove(next.release.channel)
            }
            return ReleaseRecord(
                release: release, sha1: record.sha1, manifest: record.manifest,
                state: record.state)
        }
    }
}

extension Database {
    /// Whether there was such a tag.
    func removeTag(_ tag: String, of name: PackageName) throws -> Bool {
        try execute(sql: ReleaseTagSQL.remove, arguments: [name.description, tag])
        return changesCount > 0
    }

    /// Takes all tags from a release.
    func untag(_ name: PackageName, _ version: SemanticVersion) throws {
        try execute(
            sql: ReleaseTagSQL.untag, arguments: [name.description, version.description])
    }

    /// Lets the tag of a release's channel that somebody set follow the channel again, unless it was
    /// set on a higher release than that: see ``onceSigned``.
    func moveTag(to release: Release) throws {
        let name = release.name
        guard
            let pinned = try String.fetchOne(
                self, sql: ReleaseTagSQL.version, arguments: [name.description, release.channel]),
            try SemanticVersion(pinned) < release.version
        else { return }
        _ = try removeTag(release.channel, of: name)
    }
}

private enum ReleaseTagSQL {
    static let set = """
        INSERT INTO dist_tag (plugin, tag, version) VALUES (?, ?, ?)
        ON CONFLICT (plugin, tag) DO UPDATE SET version = excluded.version
        """
    static let remove = "DELETE FROM dist_tag WHERE plugin = ? AND tag = ?"
    static let untag = "DELETE FROM dist_tag WHERE plugin = ? AND version = ?"
    static let version = "SELECT version FROM dist_tag WHERE plugin = ? AND tag = ?"
}
