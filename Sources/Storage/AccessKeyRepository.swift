import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB

/// A license's access key pair as the gateway keeps it: user name and, of the password, its digest.
package struct AccessKeyRecord: Sendable, Hashable {
    /// `tak_` and 24 hexadecimal digits: the user name.
    package let id: String
    /// The license's ID.
    package let license: String
    /// SHA-256 of the secret.
    package let digest: Digest

    package init(id: String, license: String, digest: Digest) {
        self.id = id
        self.license = license
        self.digest = digest
    }
}

/// The access key pairs, at most one for each license.
package struct AccessKeyRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    package func accessKey(id: String) async throws(StorageError) -> AccessKeyRecord? {
        try await database.read { database in
            try Row.fetchOne(database, sql: AccessKeySQL.byID, arguments: [id])
                .map(AccessKeyRecord.init)
        }
    }

    /// The pair of a license; nil for one from before there were such pairs.
    package func accessKey(ofLicense license: String) async throws(StorageError) -> AccessKeyRecord?
    {
        try await database.read { database in
            try Row.fetchOne(database, sql: AccessKeySQL.ofLicense, arguments: [license])
                .map(AccessKeyRecord.init)
        }
    }

    /// Puts a pair in the place of the license's last one, whose tokens end with it.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found` when there is no such license.
    package func replace(
        with key: AccessKeyRecord, by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            guard try database.license(id: key.license) != nil else {
                throw StorageError(.recordNotFound, "There is no license \(key.license).")
            }
            try database.execute(sql: AccessKeySQL.delete, arguments: [key.license])
            try database.execute(
                sql: AccessTokenSQL.revokeOfLicense, arguments: [at.seconds, key.license])
            try database.insert(key, at: at)
            try database.audit(
                "license.rotate-access-key", of: key.license, by: actor, at: at,
                detail: ["access_key": .string(key.id)])
        }
    }
}

extension Database {
    func insert(_ key: AccessKeyRecord, at: Date) throws {
        try execute(
            sql: AccessKeySQL.insert,
            arguments: [key.id, key.license, key.digest.hex, at.seconds])
    }
}

extension AccessKeyRecord {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: row["id"], license: row["license"],
            digest: try storedDigest(.sha256, row["digest"]))
    }
}

private enum AccessKeySQL {
    static let byID = "SELECT * FROM access_key WHERE id = ?"
    static let ofLicense = "SELECT * FROM access_key WHERE license = ?"
    static let delete = "DELETE FROM access_key WHERE license = ?"
    static let insert = """
        INSERT INTO access_key (id, license, digest, created_at) VALUES (?, ?, ?, ?)
        """
}
