import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB

/// The tokens of administrators, publishers and licensees, of which only digests are kept.
package struct AccessTokenRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    package func add(_ token: AccessTokenRecord, by actor: Actor) async throws(StorageError) {
        try await database.write { database in
            var license: String?
            var plugins: String?
            switch token.scope {
            case .admin: break
            case .publish(let names):
                plugins = JSONValue.array(names.map { .string($0) }).text
            case .license(let id): license = id
            }
            try database.execute(
                sql: AccessTokenSQL.insert,
                arguments: [
                    token.id, token.digest.hex, token.name, token.scope.word, plugins, license,
                    token.parent, token.isReadOnly, token.created.seconds, token.expires?.seconds,
                ])
            try database.audit(
                "token.create", of: token.id, by: actor, at: token.created,
                detail: ["name": .string(token.name), "scope": .string(token.scope.word)])
        }
    }

    /// The token with that digest, unless it or one that it was made with was revoked or is over.
    package func token(digest: Digest, at now: Date) async throws(StorageError)
        -> AccessTokenRecord?
    {
        try await database.read { database in
            guard
                let row = try Row.fetchOne(
                    database.cachedStatement(sql: AccessTokenSQL.byDigest), arguments: [digest.hex])
            else { return nil }
            return try database.isValid(row, at: now) ? AccessTokenRecord(row) : nil
        }
    }

    /// The tokens that hold, oldest first.
    package func current(at now: Date) async throws(StorageError) -> [AccessTokenRecord] {
        try await database.read { database in
            try Row.fetchAll(database, sql: AccessTokenSQL.all)
                .filter { try database.isValid($0, at: now) }.map(AccessTokenRecord.init)
        }
    }

    /// Revokes a token, and with it those that were made with it.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    package func revoke(_ id: String, by actor: Actor, at: Date) async throws(StorageError) {
        try await database.write { database in
            guard try Row.fetchOne(database, sql: AccessTokenSQL.byID, arguments: [id]) != nil
            else {
                throw StorageError(
                    .recordNotFound, "There is no token \(quoted(id)).",
                    remedy: "Name one of those that `tollgate tokens list` shows.")
            }
            try database.execute(sql: AccessTokenSQL.revoke, arguments: [at.seconds, id])
            guard database.changesCount > 0 else { return }
            try database.audit("token.revoke", of: id, by: actor, at: at)
        }
    }
}

extension Database {
    /// Whether the token and all that it came from hold.
    ///
    /// A token is made with one that was there before, so the way back ends.
    fileprivate func isValid(_ row: Row, at now: Date) throws -> Bool {
        var row = row
        while true {
            guard (row["revoked_at"] as Int64?) == nil else { return false }
            if let end = row["expires_at"] as Int64?, end <= now.seconds { return false }
            guard let parent = row["parent"] as String? else { return true }
            guard
                let next = try Row.fetchOne(
                    cachedStatement(sql: AccessTokenSQL.byID), arguments: [parent])
            else { return false }
            row = next
        }
    }
}

extension AccessTokenRecord {
    fileprivate init(_ row: Row) throws {
        let word: String = row["scope"]
        let scope: Scope =
            switch word {
            case "admin": .admin
            case "publish": .publish(try storedStrings(row["plugins"]))
            case "license": .license(row["license"])
            default:
                throw StorageError(
                    .dataFolderUnusable, "The database holds the scope \(word) of a token.")
            }
        self.init(
            id: row["id"], digest: try storedDigest(.sha256, row["digest"]), name: row["name"],
            scope: scope, parent: row["parent"], isReadOnly: row["read_only"],
            created: Date(seconds: row["created_at"]),
            expires: (row["expires_at"] as Int64?).map(Date.init(seconds:)))
    }
}

enum AccessTokenSQL {
    fileprivate static let insert = """
        INSERT INTO access_token (
            id, digest, name, scope, plugins, license, parent, read_only, created_at, expires_at
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    fileprivate static let byDigest = "SELECT * FROM access_token WHERE digest = ?"
    fileprivate static let byID = "SELECT * FROM access_token WHERE id = ?"
    fileprivate static let all = "SELECT * FROM access_token ORDER BY created_at, id"
    fileprivate static let revoke = """
        UPDATE access_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL
        """
    static let revokeOfLicense = """
        UPDATE access_token SET revoked_at = ? WHERE license = ? AND revoked_at IS NULL
        """
}
