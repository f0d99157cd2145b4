import Diagnostics
internal import GRDB
package import SystemPackage

/// The gateway's records in SQLite: one writer at a time, readers beside it, several programs at once.
///
/// GRDB runs every access on threads of its own, so that nothing here blocks the cooperative pool.
/// The queries stand in the repositories, each as SQL with a name.
package struct GatewayDatabase: Sendable {
    let pool: DatabasePool

    /// Opens the database, makes it when it is not there, and brings its tables up to date.
    ///
    /// Making it and switching it to write-ahead logging happens under a lock beside it: SQLite lets
    /// only one of two programs do the switch and fails the other.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`, `disk.*`.
    package init(_ path: FilePath) throws(StorageError) {
        let lock = try FileLock(waitingFor: FilePath(path.string + ".lock"))
        defer { lock.release() }
        do {
            try Self.reserve(path)
            pool = try DatabasePool(path: path.string, configuration: Self.configuration)
            try Self.migrator.migrate(pool)
        } catch {
            throw StorageError("\(path) cannot be opened.", because: error)
        }
    }

    /// Throws when the database does not answer.
    ///
    /// - Throws: ``StorageError``.
    package func ping() async throws(StorageError) {
        _ = try await read { try Int.fetchOne($0, sql: "SELECT 1") }
    }

    /// Lets go of the file.
    package func close() throws {
        try pool.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(30)
        configuration.prepareDatabase { database in
            // A release that the metadata lists must still be on record after a power cut.
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        return configuration
    }

    /// Makes the file readable by its owner only, before SQLite would make it readable by all.
    private static func reserve(_ path: FilePath) throws {
        let descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
        try descriptor.close()
    }
}
