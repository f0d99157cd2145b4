import CanonicalJSON
import Diagnostics
package import FoundationEssentials
internal import GRDB

/// The instances that registered, and what they are bound to.
///
/// Who may use a license follows from the time as well: the window after a move closes by itself,
/// and nothing has to run for it.
package struct InstallationRepository: Sendable {
    let database: GatewayDatabase
    let checkIns: GroupedWrites

    package init(_ database: GatewayDatabase) {
        self.database = database
        checkIns = GroupedWrites(database)
    }

    package func installation(id: String) async throws(StorageError) -> InstallationRecord? {
        try await database.read { try $0.installation(id) }
    }

    /// The instances that may use a license at a time, oldest first.
    package func current(
        of license: String, at now: Date
    ) async throws(StorageError) -> [InstallationRecord] {
        try await database.read { try $0.currentInstallations(of: license, at: now) }
    }

    /// All installations, also those of the past, the one heard of last first.
    ///
    /// - Parameter license: only those of this license; nil: of all
    /// - Returns: the installations
    /// - Throws: ``StorageError``.
    package func all(of license: String? = nil) async throws(StorageError) -> [InstallationRecord] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: InstallationSQL.all, arguments: ["license": license]
            ).map(InstallationRecord.init)
        }
    }

    /// Frees the instance, as the customer asks: it may come back at any time, and another that
    /// binds the license then moves it.
    ///
    /// - Throws: ``StorageError``.
    package func release(_ id: String, by actor: Actor, at now: Date) async throws(StorageError) {
        try await database.write { database in
            guard let known = try database.installation(id), known.isCurrent(at: now) else {
                return
            }
            try database.execute(sql: InstallationSQL.release, arguments: [now.seconds, id])
            if known.validUntil == nil {
                try database.execute(
                    sql: InstallationSQL.freed, arguments: [known.instance, known.license])
            }
            let sequence = try database.raiseSequence(of: known.license)
            try database.audit(
                "license.release", of: known.license, by: actor, at: now,
                detail: [
                    "instance": .string(known.instance), "sequence": .integer(sequence),
                ])
        }
    }
}

extension Database {
    func installation(_ id: String) throws -> InstallationRecord? {
        try Row.fetchOne(
            cachedStatement(sql: InstallationSQL.select), arguments: [id]
        ).map(InstallationRecord.init)
    }

    func currentInstallations(of license: String, at now: Date) throws -> [InstallationRecord] {
        try Row.fetchAll(
            cachedStatement(sql: InstallationSQL.current), arguments: [license, now.seconds]
        ).map(InstallationRecord.init)
    }

    func insertInstallation(
        _ new: NewInstallation, of license: String, at now: Date
    ) throws {
        try execute(
            sql: InstallationSQL.insert,
            arguments: [
                new.id, license, new.instance, new.facts.text, new.environment.text, now.seconds,
                now.seconds,
            ])
    }
}

private enum InstallationSQL {
    static let select = "SELECT * FROM installation WHERE id = ?"
    static let current = """
        SELECT * FROM installation
        WHERE license = ? AND released_at IS NULL AND (valid_until IS NULL OR valid_until > ?)
        ORDER BY registered_at, id
        """
    static let all = """
        SELECT * FROM installation WHERE :license IS NULL OR license = :license
        ORDER BY last_check_in_at DESC, id
        """
    static let insert = """
        INSERT INTO installation (
            id, license, instance, facts, environment, counter, registered_at, last_check_in_at
        ) VALUES (?, ?, ?, ?, ?, 0, ?, ?)
        """
    static let release = "UPDATE installation SET released_at = ? WHERE id = ?"
    static let freed = "UPDATE license SET freed_by = ? WHERE id = ?"
}
