package import Cryptography
package import FoundationEssentials
internal import GRDB

/// A signed target that is no plugin: `vendor.json`, `keys/license.json`, …; its bytes are an artifact.
package struct SignedFileRecord: Sendable, Hashable {
    /// The target's path.
    package let path: String
    package let sha512: Digest
    /// In bytes.
    package let length: Int64

    /// The path of what the vendor says of itself.
    package static let vendor = "vendor.json"
    /// The path of the keys that license tokens are verified with.
    package static let licenseKeys = "keys/license.json"
    /// The path of the keys that npm's registry signatures are verified with.
    package static let registryKeys = "keys/registry.json"

    package init(path: String, sha512: Digest, length: Int64) {
        self.path = path
        self.sha512 = sha512
        self.length = length
    }
}

/// The signed files that everybody may read, the older ones too: a client may still ask for them.
package struct SignedFileRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Makes this the current file at its path.
    package func put(_ file: SignedFileRecord, at: Date) async throws(StorageError) {
        try await database.write { try $0.put(file, at: at) }
    }

    /// The current files, sorted by path.
    package func current() async throws(StorageError) -> [SignedFileRecord] {
        try await database.read { database in
            try Row.fetchAll(database, sql: SignedFileSQL.current).map(SignedFileRecord.init)
        }
    }

    /// The SHA-512 of the current file at the path; nil: there is none.
    package func digest(ofCurrentFile path: String) async throws(StorageError) -> Digest? {
        try await database.read { try $0.digest(ofCurrentFile: path) }
    }

    /// The file of that path and digest, current or not.
    package func file(_ path: String, sha512: Digest) async throws(StorageError)
        -> SignedFileRecord?
    {
        try await database.read { database in
            try Row.fetchOne(database, sql: SignedFileSQL.file, arguments: [path, sha512.hex])
                .map(SignedFileRecord.init)
        }
    }
}

extension Database {
    /// Makes this the current file at its path.
    func put(_ file: SignedFileRecord, at: Date) throws {
        try execute(sql: SignedFileSQL.retire, arguments: [file.path])
        try execute(
            sql: SignedFileSQL.insert,
            arguments: [file.path, file.sha512.hex, file.length, at.seconds])
    }

    func digest(ofCurrentFile path: String) throws -> Digest? {
        try String.fetchOne(
            cachedStatement(sql: SignedFileSQL.digest), arguments: [path]
        ).map { try storedDigest(.sha512, $0) }
    }
}

extension SignedFileRecord {
    fileprivate init(_ row: Row) throws {
        self.init(
            path: row["path"], sha512: try storedDigest(.sha512, row["sha512"]),
            length: row["length"])
    }
}

private enum SignedFileSQL {
    static let retire = "UPDATE signed_file SET current = 0 WHERE path = ?"
    static let insert = """
        INSERT INTO signed_file (path, sha512, length, current, created_at)
        VALUES (?, ?, ?, 1, ?) ON CONFLICT (path, sha512) DO UPDATE SET current = 1
        """
    static let current = "SELECT * FROM signed_file WHERE current = 1 ORDER BY path"
    static let digest = "SELECT sha512 FROM signed_file WHERE path = ? AND current = 1"
    static let file = "SELECT * FROM signed_file WHERE path = ? AND sha512 = ?"
}
