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

    /// How many tokens that hold may come from one license or one token.
    package static let maximumCount = 100

    /// Adds a token.
    ///
    /// - Throws: ``StorageError`` `registry.too-many-tokens`.
    package func add(_ token: AccessTokenRecord, by actor: Actor) async throws(StorageError) {
        try await database.write { database in
            try database.checkCount(of: token)
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
                    token.parent, token.accessKey, token.isReadOnly, token.created.seconds,
                    token.expires?.seconds,
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

    /// The tokens of a license that hold, oldest first.
    package func current(
        ofLicense license: String, at now: Date
    ) async throws(StorageError) -> [AccessTokenRecord] {
        try await current(AccessTokenSQL.ofLicense, license, at: now)
    }

    /// A token and those that were made with it, as far as they hold, oldest first.
    package func current(
        madeWith id: String, at now: Date
    ) async throws(StorageError) -> [AccessTokenRecord] {
        try await current(AccessTokenSQL.madeWith, id, at: now)
    }

    private func current(
        _ query: String, _ id: String, at now: Date
    ) async throws(StorageError) -> [AccessTokenRecord] {
        try await database.read { database in
            try Row.fetchAll(database, sql: query, arguments: ["id": id])
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
    fileprivate func checkCount(of token: AccessTokenRecord) throws {
        let count =
            switch token.scope {
            case .license(let id):
                try Int.fetchOne(
                    self, sql: AccessTokenSQL.countOfLicense,
                    arguments: [id, token.created.seconds])
            case .admin, .publish:
                try Int.fetchOne(
                    self, sql: AccessTokenSQL.countMadeWith,
                    arguments: [token.parent, token.created.seconds])
            }
        guard count ?? 0 < AccessTokenRepository.maximumCount else {
            throw StorageError(
                .tooManyTokens,
                "There are \(AccessTokenRepository.maximumCount) tokens already, as many as can be."
            )
        }
    }

    /// Whether the token and all that it came from hold.
    ///
    /// A token is made with one that was there before, so the way back ends. One that a licensee made
    /// while the access key pair was replaced names the old pair, and counts for nothing.
    fileprivate func isValid(_ row: Row, at now: Date) throws -> Bool {
        if let license = row["license"] as String? {
            let present = try String.fetchOne(
                cachedStatement(sql: AccessTokenSQL.accessKey), arguments: [license])
            guard present == row["access_key"] else { return false }
        }
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
            scope: scope, parent: row["parent"], accessKey: row["access_key"],
            isReadOnly: row["read_only"],
            created: Date(seconds: row["created_at"]),
            expires: (row["expires_at"] as Int64?).map(Date.init(seconds:)))
    }
}

enum AccessTokenSQL {
    fileprivate static let insert = """
        INSERT INTO access_token (
            id, digest, name, scope, plugins, license, parent, access_key, read_only, created_at,
            expires_at
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    fileprivate static let byDigest = "SELECT * FROM access_token WHERE digest = ?"
    fileprivate static let byID = "SELECT * FROM access_token WHERE id = ?"
    fileprivate static let all = "SELECT * FROM access_token ORDER BY created_at, id"
    fileprivate static let ofLicense = """
        SELECT * FROM access_token WHERE license = :id ORDER BY created_at, id
        """
    fileprivate static let madeWith = """
        SELECT * FROM access_token WHERE id = :id OR parent = :id ORDER BY created_at, id
        """
    fileprivate static let countOfLicense = """
        SELECT count(*) FROM access_token
        WHERE license = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
        """
    fileprivate static let countMadeWith = """
        SELECT count(*) FROM access_token
        WHERE parent = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
        """
    fileprivate static let accessKey = "SELECT id FROM access_key WHERE license = ?"
    fileprivate static let revoke = """
        UPDATE access_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL
        """
    static let revokeOfLicense = """
        UPDATE access_token SET revoked_at = ? WHERE license = ? AND revoked_at IS NULL
        """
}
