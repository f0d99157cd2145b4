package import CanonicalJSON
package import FoundationEssentials
internal import GRDB

/// Who does something, for the audit log: a person at the command line, a token, the gateway itself.
package struct Actor: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// The `tollgate` program on the data folder, as the user with that name.
    package static func commandLine(user: String) -> Actor { Actor("cli:\(user)") }
    package static func installation(_ id: String) -> Actor { Actor("installation:\(id)") }
    package static let gateway = Actor("gateway")
}

/// One line of the audit log: who did what to which record, when.
package struct AuditEntry: Sendable, Hashable {
    package let number: Int64
    package let at: Date
    package let actor: Actor
    /// Dotted words, such as `license.issue`.
    package let action: String
    /// The ID or name of the record.
    package let subject: String
    /// What changed; never a secret.
    package let detail: JSONValue
}

/// The list of changes, in the order they were made; written in the change's own transaction.
package struct AuditLog: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Adds a line about what no record holds, unless the very same is there: whoever finishes what
    /// was stopped may say it again.
    package func addOnce(
        _ action: String, of subject: String, by actor: Actor, at: Date, detail: JSONValue
    ) async throws(StorageError) {
        try await database.write { database in
            let same: StatementArguments = [action, subject, detail.text]
            guard try Int.fetchOne(database, sql: AuditSQL.same, arguments: same) == nil else {
                return
            }
            try database.audit(action, of: subject, by: actor, at: at, detail: detail)
        }
    }

    /// The changes to one record, oldest first.
    package func entries(about subject: String) async throws(StorageError) -> [AuditEntry] {
        try await database.read { database in
            try Row.fetchAll(database, sql: AuditSQL.entriesOfSubject, arguments: [subject])
                .map(AuditEntry.init)
        }
    }
}

extension AuditEntry {
    fileprivate init(_ row: Row) throws {
        self.init(
            number: row["number"], at: Date(seconds: row["at"]), actor: Actor(row["actor"]),
            action: row["action"], subject: row["subject"],
            detail: try storedJSON(row["detail"]))
    }
}

extension Database {
    /// Adds a line to the audit log, as part of the transaction that makes the change.
    func audit(
        _ action: String, of subject: String, by actor: Actor, at: Date, detail: JSONValue = [:]
    ) throws {
        try execute(
            sql: AuditSQL.insert,
            arguments: [at.seconds, actor.description, action, subject, detail.text])
    }
}

private enum AuditSQL {
    static let insert = """
        INSERT INTO audit (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)
        """
    static let same =
        "SELECT number FROM audit WHERE action = ? AND subject = ? AND detail = ? LIMIT 1"
    static let entriesOfSubject = """
        SELECT number, at, actor, action, subject, detail
        FROM audit WHERE subject = ? ORDER BY number
        """
}
