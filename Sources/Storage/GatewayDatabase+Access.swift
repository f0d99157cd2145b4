import Diagnostics
internal import GRDB

extension GatewayDatabase {
    /// Runs queries that see one state of the records.
    ///
    /// - Throws: ``StorageError``: what the queries throw, `gateway.data-folder` for a damaged
    ///   record or database, `disk.*`.
    func read<Value: Sendable>(
        _ queries: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.read(queries)
        } catch {
            throw StorageError(ofDatabase: error)
        }
    }

    /// Runs changes as one transaction: all of them, or none when one throws.
    ///
    /// - Throws: ``StorageError`` as ``read(_:)`` does.
    func write<Value: Sendable>(
        _ changes: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.write(changes)
        } catch {
            throw StorageError(ofDatabase: error)
        }
    }
}

extension StorageError {
    /// What kept the database from reading or writing a record.
    init(ofDatabase error: any Error) {
        switch error {
        case let error as StorageError:
            self = error
        case is DatabaseError:
            self.init("The database did not do what was asked.", because: error)
        case is CancellationError:
            self.init(.dataFolderUnusable, "The program ended before the database answered.")
        default:
            self.init(.dataFolderUnusable, "A record in the database is damaged.", cause: error)
        }
    }
}
