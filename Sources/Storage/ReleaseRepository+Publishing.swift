import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB
import Packages

/// How releases come in.
extension ReleaseRepository {
    /// Adds a release, and its plugin when it is the first.
    ///
    /// One that awaits its signature changes no tag before it has it.
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
                sql: ReleasePublishingSQL.insertPlugin,
                arguments: [release.name.description, at.seconds])
            try database.execute(
                sql: ReleasePublishingSQL.insert,
                arguments: [
                    release.name.description, release.version.description, release.channel,
                    release.published.seconds, release.applicationRange?.text,
                    release.length, release.sha512.hex, record.sha1.hex, release.unpackedSize,
                    release.fileCount, release.deprecated, release.yanked,
                    JSONValue.array(release.signatures.map(\.json)).text, record.manifest.text,
                    at.seconds, record.state.rawValue,
                ])
            if record.state == .published { try database.moveTag(to: release) }
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
}

private enum ReleasePublishingSQL {
    static let insertPlugin = """
        INSERT INTO plugin (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING
        """
    static let insert = """
        INSERT INTO release (
            plugin, version, channel, published_at, application_range, length, sha512, sha1,
            unpacked_size, file_count, deprecated, yanked, signatures, manifest, created_at, state
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
}
