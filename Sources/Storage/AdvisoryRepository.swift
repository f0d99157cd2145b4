import CanonicalJSON
import Diagnostics
package import FoundationEssentials
internal import GRDB
package import Packages

/// What the vendor says of a flaw in releases of a plugin: `npm audit` shows it.
package struct Advisory: Sendable, Hashable {
    /// npm's words, from harmless to worst.
    package enum Severity: String, Sendable, CaseIterable {
        case info, low, moderate, high, critical
    }

    package let plugin: PackageName
    package let title: String
    package let severity: Severity
    /// Which releases have the flaw.
    package let vulnerable: VersionRange
    /// Where more is said.
    package let url: String

    package init(
        plugin: PackageName, title: String, severity: Severity, vulnerable: VersionRange,
        url: String
    ) {
        self.plugin = plugin
        self.title = title
        self.severity = severity
        self.vulnerable = vulnerable
        self.url = url
    }
}

/// The vendor's advisories.
package struct AdvisoryRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Adds an advisory and returns its number.
    package func add(
        _ advisory: Advisory, by actor: Actor, at: Date
    ) async throws(StorageError) -> Int64 {
        try await database.write { database in
            try database.execute(
                sql: AdvisorySQL.insert,
                arguments: [
                    advisory.plugin.description, advisory.title, advisory.severity.rawValue,
                    advisory.vulnerable.text, advisory.url, at.seconds,
                ])
            let number = database.lastInsertedRowID
            try database.audit(
                "advisory.add", of: advisory.plugin.description, by: actor, at: at,
                detail: ["advisory": .integer(number), "title": .string(advisory.title)])
            return number
        }
    }

    /// Takes an advisory back.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    package func withdraw(_ number: Int64, by actor: Actor, at: Date) async throws(StorageError) {
        try await database.write { database in
            guard
                let plugin = try String.fetchOne(
                    database, sql: AdvisorySQL.withdraw, arguments: [at.seconds, number])
            else {
                throw StorageError(
                    .recordNotFound, "There is no advisory \(number).",
                    remedy: "Name one of those that `tollgate advisories list` shows.")
            }
            try database.audit(
                "advisory.withdraw", of: plugin, by: actor, at: at,
                detail: ["advisory": .integer(number)])
        }
    }

    /// The advisories that stand, by their number; of one plugin or of all.
    package func current(
        of plugin: PackageName? = nil
    ) async throws(StorageError) -> [(number: Int64, advisory: Advisory)] {
        try await database.read { database in
            let rows =
                if let plugin {
                    try Row.fetchAll(
                        database, sql: AdvisorySQL.ofPlugin, arguments: [plugin.description])
                } else {
                    try Row.fetchAll(database, sql: AdvisorySQL.all)
                }
            return try rows.map { (number: $0["number"], advisory: try Advisory($0)) }
        }
    }
}

extension Advisory {
    fileprivate init(_ row: Row) throws {
        self.init(
            plugin: try PackageName(row["plugin"]), title: row["title"],
            severity: try stored(row["severity"]), vulnerable: try VersionRange(row["vulnerable"]),
            url: row["url"])
    }
}

private enum AdvisorySQL {
    static let insert = """
        INSERT INTO advisory (plugin, title, severity, vulnerable, url, created_at)
        VALUES (?, ?, ?, ?, ?, ?)
        """
    static let withdraw = """
        UPDATE advisory SET withdrawn_at = ? WHERE number = ? AND withdrawn_at IS NULL
        RETURNING plugin
        """
    static let all = "SELECT * FROM advisory WHERE withdrawn_at IS NULL ORDER BY number"
    static let ofPlugin = """
        SELECT * FROM advisory WHERE plugin = ? AND withdrawn_at IS NULL ORDER BY number
        """
}
