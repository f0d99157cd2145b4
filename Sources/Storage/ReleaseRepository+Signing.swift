import CanonicalJSON
package import FoundationEssentials
internal import GRDB
package import Packages

/// A plugin whose signed metadata has to be looked at.
package struct UnsignedPlugin: Sendable, Hashable {
    package let name: PackageName
    /// Which of its changes is the latest; a later one makes it unsigned again.
    package let changeNumber: Int64
}

/// What the signed metadata has of the records.
extension ReleaseRepository {
    /// The plugins that changed after they were signed, and those whose signature ends soon.
    ///
    /// - Parameter deadline: what is signed until then at least is left out; nil: nothing is
    /// - Returns: them, sorted by name
    /// - Throws: ``StorageError``.
    package func unsignedPlugins(
        expiringBefore deadline: Date?
    ) async throws(StorageError) -> [UnsignedPlugin] {
        try await database.read { database in
            let rows =
                try deadline.map {
                    try Row.fetchAll(
                        database, sql: ReleaseSigningSQL.unsigned, arguments: [$0.seconds])
                } ?? Row.fetchAll(database, sql: ReleaseSigningSQL.allPlugins)
            return try rows.map { row in
                UnsignedPlugin(
                    name: try PackageName(row["name"]), changeNumber: row["change_number"])
            }
        }
    }

    /// Remembers what the metadata has of a plugin, and shows the releases in it to readers.
    ///
    /// - Parameters:
    ///   - plugin: as it was before its releases were read
    ///   - until: the end of the signature; nil: the metadata has not all of it yet
    ///   - releases: those that the metadata has; one that awaited its signature is published now,
    ///     and the tag of its channel moves
    /// - Throws: ``StorageError``.
    package func markSigned(
        _ plugin: UnsignedPlugin, until: Date?, showing releases: [SemanticVersion] = []
    ) async throws(StorageError) {
        try await database.write { database in
            let name = plugin.name.description
            if let until {
                try database.execute(
                    sql: ReleaseSigningSQL.markSigned,
                    arguments: [plugin.changeNumber, until.seconds, name])
            }
            var isShown = false
            for version in releases {
                let known = try database.known(plugin.name, version)
                guard known.state == .awaitingSignature else { continue }
                try database.execute(
                    sql: ReleaseSigningSQL.markPublished, arguments: [name, version.description])
                if known.release.yanked == nil { try database.moveTag(to: known.release) }
                isShown = true
            }
            // What readers see has changed, and the metadata has it already.
            if isShown { try database.execute(sql: ReleaseSigningSQL.raise, arguments: [name]) }
        }
    }

    /// Replaces the npm signatures of one release.
    package func replaceSignatures(
        of name: PackageName, _ version: SemanticVersion, with signatures: [RegistrySignature]
    ) async throws(StorageError) {
        try await database.write { database in
            try database.replaceSignatures(of: name, version, with: signatures)
        }
    }

    /// The plugins whose signature ends before the deadline, and when; those that were never signed
    /// are not among them.
    package func signatureEnds(
        before deadline: Date
    ) async throws(StorageError) -> [(name: PackageName, until: Date)] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: ReleaseSigningSQL.ends, arguments: [deadline.seconds]
            ).map { (try PackageName($0["name"]), Date(seconds: $0["signed_until"])) }
        }
    }

    /// The releases that await their signature, by plugin and version.
    package func awaitingSignature() async throws(StorageError) -> [ReleaseRecord] {
        try await database.read { database in
            try Row.fetchAll(database, sql: ReleaseSigningSQL.awaiting).map(ReleaseRecord.init)
        }
    }

    /// Replaces npm signatures, and the signed file that lists the keys they are by, in one change.
    ///
    /// - Parameters:
    ///   - file: the list from now on
    ///   - at: the present time
    ///   - replacement: asked for every release; nil: its signatures stay
    /// - Throws: ``StorageError``.
    package func replaceSignatures(
        listing file: SignedFileRecord, at: Date,
        _ replacement: @escaping @Sendable (Release) throws -> [RegistrySignature]?
    ) async throws(StorageError) {
        try await database.write { database in
            try database.put(file, at: at)
            let all = try Row.fetchAll(database, sql: ReleaseSigningSQL.all).map(ReleaseRecord.init)
            for record in all {
                guard let signatures = try replacement(record.release) else { continue }
                try database.replaceSignatures(
                    of: record.release.name, record.release.version, with: signatures)
            }
        }
    }
}

extension Database {
    /// Says, in the transaction that changes a plugin's releases, that the metadata has to follow.
    func markUnsigned(_ plugin: PackageName) throws {
        try execute(sql: ReleaseSigningSQL.markUnsigned, arguments: [plugin.description])
    }

    fileprivate func replaceSignatures(
        of name: PackageName, _ version: SemanticVersion, with signatures: [RegistrySignature]
    ) throws {
        try execute(
            sql: ReleaseSigningSQL.replaceSignatures,
            arguments: [
                JSONValue.array(signatures.map(\.json)).text, name.description,
                version.description,
            ])
        try markUnsigned(name)
    }
}

private enum ReleaseSigningSQL {
    static let unsigned = """
        SELECT name, change_number FROM plugin
        WHERE signed_number < change_number OR signed_until < ?
        ORDER BY name
        """
    static let allPlugins = "SELECT name, change_number FROM plugin ORDER BY name"
    static let ends = """
        SELECT name, signed_until FROM plugin
        WHERE signed_until < ? AND signed_until > 0 ORDER BY signed_until, name
        """
    static let markUnsigned = "UPDATE plugin SET change_number = change_number + 1 WHERE name = ?"
    static let markSigned =
        "UPDATE plugin SET signed_number = ?, signed_until = ? WHERE name = ?"
    static let markPublished =
        "UPDATE release SET state = 'published' WHERE plugin = ? AND version = ?"
    static let raise = """
        UPDATE plugin SET change_number = change_number + 1,
            signed_number = signed_number + (signed_number = change_number) WHERE name = ?
        """
    static let awaiting = """
        SELECT \(ReleaseSQL.columns) FROM release WHERE state = 'awaiting-signature' ORDER BY plugin, version
        """
    static let all = "SELECT \(ReleaseSQL.columns) FROM release"
    static let replaceSignatures =
        "UPDATE release SET signatures = ? WHERE plugin = ? AND version = ?"
}
