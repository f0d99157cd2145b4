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

    /// Runs changes as one transaction whose errors are the caller's own: it does nothing when one
    /// is thrown.
    ///
    /// - Throws: what the changes throw, ``StorageError`` as ``write(_:)`` does.
    func writeUndoing<Value: Sendable>(
        _ changes: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let result: Result<Value, any Error> = try await write { database in
            do {
                return .success(try database.undoingIfFailed(changes))
            } catch let error as DatabaseError {
                throw error
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension Database {
    /// Runs changes inside a transaction, and undoes them alone when they throw.
    func undoingIfFailed<Value>(_ changes: (Database) throws -> Value) throws -> Value {
        try cachedStatement(sql: "SAVEPOINT one").execute()
        do {
            let value = try changes(self)
            try cachedStatement(sql: "RELEASE one").execute()
            return value
        } catch {
            // A full disk may have ended the whole transaction already.
            if isInsideTransaction { try execute(sql: "ROLLBACK TO one; RELEASE one") }
            throw error
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
