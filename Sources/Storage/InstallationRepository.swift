package import CanonicalJSON
package import FoundationEssentials
internal import GRDB

/// One instance that a license is bound to.
package struct InstallationRecord: Sendable, Hashable {
    /// `ins_` and 32 hexadecimal digits.
    package let id: String
    /// The ID of the license.
    package let license: String
    /// The Instance ID.
    package let instance: String
    /// The salted hashes of the facts behind the Instance ID, as the instance sent them.
    package let facts: JSONValue
    /// Application version, platform, `pkg` version, domains.
    package let environment: JSONValue
    /// That of the last check-in.
    package let counter: Int64
    /// The installed plugins and mismatches that the last check-in told; nil before the first.
    package let report: JSONValue?
    package let registered: Date
    package let lastCheckIn: Date
    package let released: Date?
}

/// The instances that registered.
package struct InstallationRepository: Sendable {
    /// What came of an attempt to bind an instance to a license.
    package enum Binding: Sendable, Hashable {
        /// Bound now, or before: the same answer to the same question.
        case bound(InstallationRecord)
        /// As many other instances as allowed hold the license.
        case occupied(by: [InstallationRecord])
    }

    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Binds an instance to a license, unless others hold it.
    ///
    /// - Parameters:
    ///   - instance: the Instance ID
    ///   - license: the ID of the license
    ///   - id: the ID that the installation gets when it is new
    ///   - facts: the salted hashes behind the Instance ID
    ///   - environment: where it runs
    ///   - maximumInstances: how many instances may hold the license
    ///   - at: the present time
    /// - Returns: the installation, or who holds the license
    /// - Throws: ``StorageError``.
    package func bind(
        _ instance: String, to license: String, newID id: String, facts: JSONValue,
        environment: JSONValue, maximumInstances: Int, at: Date
    ) async throws(StorageError) -> Binding {
        try await database.write { database in
            let current = try Row.fetchAll(
                database, sql: InstallationSQL.currentOfLicense, arguments: [license]
            ).map(InstallationRecord.init)
            if let known = current.first(where: { $0.instance == instance }) {
                try database.execute(
                    sql: InstallationSQL.registerAgain,
                    arguments: [facts.text, environment.text, at.seconds, known.id])
                return .bound(try database.installation(known.id) ?? known)
            }
            guard current.count < maximumInstances else { return .occupied(by: current) }
            try database.execute(
                sql: InstallationSQL.insert,
                arguments: [
                    id, license, instance, facts.text, environment.text, at.seconds, at.seconds,
                ])
            try database.audit(
                "license.bind", of: license, by: .installation(id), at: at,
                detail: ["instance": .string(instance)])
            guard let bound = try database.installation(id) else {
                return .occupied(by: current)
            }
            return .bound(bound)
        }
    }

    package func installation(id: String) async throws(StorageError) -> InstallationRecord? {
        try await database.read { try $0.installation(id) }
    }

    /// The instances that hold a license now, oldest first.
    package func current(of license: String) async throws(StorageError) -> [InstallationRecord] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: InstallationSQL.currentOfLicense, arguments: [license]
            ).map(InstallationRecord.init)
        }
    }

    /// Keeps what a check-in told.
    ///
    /// A counter that did not grow means two machines that answer to one Instance ID: it is flagged
    /// in the audit log, at most once an hour for each installation, and nobody is refused for it.
    package func checkIn(_ id: String, counter: Int64, report: JSONValue, at: Date)
        async throws(StorageError)
    {
        try await database.write { database in
            guard let known = try database.installation(id) else { return }
            let flagged = try Int64.fetchOne(
                database, sql: InstallationSQL.lastFlag,
                arguments: [known.license, Actor.installation(id).description])
            if counter <= known.counter, flagged.map({ $0 + 3600 <= at.seconds }) ?? true {
                try database.audit(
                    "check-in.counter-repeated", of: known.license, by: .installation(id), at: at,
                    detail: ["seen": .integer(known.counter), "told": .integer(counter)])
            }
            try database.execute(
                sql: InstallationSQL.checkIn,
                arguments: [counter, report.text, at.seconds, id])
        }
    }

    /// Frees the instance; the license can be bound to another then.
    package func release(_ id: String, by actor: Actor, at: Date) async throws(StorageError) {
        try await database.write { database in
            guard let known = try database.installation(id), known.released == nil else { return }
            try database.execute(sql: InstallationSQL.release, arguments: [at.seconds, id])
            try database.audit(
                "license.release", of: known.license, by: actor, at: at,
                detail: ["instance": .string(known.instance)])
        }
    }
}

extension Database {
    fileprivate func installation(_ id: String) throws -> InstallationRecord? {
        try Row.fetchOne(self, sql: InstallationSQL.select, arguments: [id])
            .map(InstallationRecord.init)
    }
}

extension InstallationRecord {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: row["id"], license: row["license"], instance: row["instance"],
            facts: try storedJSON(row["facts"]),
            environment: try storedJSON(row["environment"]),
            counter: row["counter"],
            report: try (row["report"] as String?).map { try storedJSON($0) },
            registered: Date(seconds: row["registered_at"]),
            lastCheckIn: Date(seconds: row["last_check_in_at"]),
            released: (row["released_at"] as Int64?).map(Date.init(seconds:)))
    }
}

private enum InstallationSQL {
    static let select = "SELECT * FROM installation WHERE id = ?"
    static let currentOfLicense = """
        SELECT * FROM installation WHERE license = ? AND released_at IS NULL
        ORDER BY registered_at, id
        """
    static let insert = """
        INSERT INTO installation (
            id, license, instance, facts, environment, counter, registered_at, last_check_in_at
        ) VALUES (?, ?, ?, ?, ?, 0, ?, ?)
        """
    static let registerAgain = """
        UPDATE installation SET facts = ?, environment = ?, last_check_in_at = ? WHERE id = ?
        """
    static let checkIn = """
        UPDATE installation SET counter = MAX(counter, ?), report = ?, last_check_in_at = ?
        WHERE id = ?
        """
    static let lastFlag = """
        SELECT MAX(at) FROM audit
        WHERE subject = ? AND actor = ? AND action = 'check-in.counter-repeated'
        """
    static let release = "UPDATE installation SET released_at = ? WHERE id = ?"
}
