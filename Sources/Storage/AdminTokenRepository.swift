import CanonicalJSON
package import Cryptography
package import FoundationEssentials
internal import GRDB

/// The tokens that administrators show, of which only digests are kept.
package struct AdminTokenRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    package func add(digest: Digest, scope: String, by actor: Actor, at: Date)
        async throws(StorageError)
    {
        let id = "tok_" + Hex.encode(SecureRandom.bytes(12))
        try await database.write { database in
            try database.execute(
                sql: AdminTokenSQL.insert, arguments: [id, digest.hex, scope, at.seconds])
            try database.audit(
                "token.create", of: id, by: actor, at: at, detail: ["scope": .string(scope)])
        }
    }

    /// The scope of the token with that digest, or nil when there is none or it was revoked.
    package func scope(digest: Digest) async throws(StorageError) -> String? {
        try await database.read {
            try String.fetchOne($0, sql: AdminTokenSQL.scope, arguments: [digest.hex])
        }
    }
}

private enum AdminTokenSQL {
    static let insert =
        "INSERT INTO admin_token (id, digest, scope, created_at) VALUES (?, ?, ?, ?)"
    static let scope = "SELECT scope FROM admin_token WHERE digest = ? AND revoked_at IS NULL"
}
