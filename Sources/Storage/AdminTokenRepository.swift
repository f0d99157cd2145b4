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
}

private enum AdminTokenSQL {
    static let insert =
        "INSERT INTO admin_token (id, digest, scope, created_at) VALUES (?, ?, ?, ?)"
}
