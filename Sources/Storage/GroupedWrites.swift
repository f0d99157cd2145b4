import Diagnostics
internal import GRDB
import Synchronization

/// Small changes of many askers, written together: one transaction and one wait for the disk for all
/// that came while the last one was written.
///
/// Each is on the disk before its asker goes on. One that fails is undone and fails alone.
actor GroupedWrites {
    private struct Pending: Sendable {
        /// Makes the change and keeps what came of it.
        let run: @Sendable (Database) -> Void
        /// Answers the asker: with what was kept, or with why the transaction failed.
        let answer: @Sendable (StorageError?) -> Void
    }

    private let database: GatewayDatabase
    private var waiting: [Pending] = []
    private var isWriting = false
    /// In one transaction, so that nobody waits long for a place.
    private static let maximumCount = 256

    init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// Runs a change in a transaction with others, and returns when it is on the disk.
    ///
    /// - Throws: ``StorageError`` as ``GatewayDatabase/write(_:)`` does.
    func perform<Value: Sendable>(
        _ change: @escaping @Sendable (Database) throws -> Value
    ) async throws(StorageError) -> Value {
        let outcome = Outcome<Value>()
        let failure = await withCheckedContinuation { continuation in
            waiting.append(
                Pending(
                    run: { outcome.keep(running: change, in: $0) },
                    answer: { continuation.resume(returning: $0) }))
            guard !isWriting else { return }
            isWriting = true
            Task { await writeAll() }
        }
        if let failure { throw failure }
        return try outcome.get()
    }

    private func writeAll() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(Self.maximumCount))
            waiting.removeFirst(group.count)
            var failure: StorageError?
            do throws(StorageError) {
                try await database.write { database in
                    for pending in group { pending.run(database) }
                }
            } catch {
                failure = error
            }
            for pending in group { pending.answer(failure) }
        }
        isWriting = false
    }
}

/// What came of one change, kept until its transaction is on the disk.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, StorageError>?>(nil)

    func keep(running change: @Sendable (Database) throws -> Value, in database: Database) {
        let result: Result<Value, StorageError>
        do {
            result = .success(try database.undoingIfFailed(change))
        } catch {
            result = .failure(StorageError(ofDatabase: error))
        }
        self.result.withLock { $0 = result }
    }

    func get() throws(StorageError) -> Value {
        guard let result = result.withLock({ $0 }) else {
            throw StorageError(.dataFolderUnusable, "The database did not answer.")
        }
        return try result.get()
    }
}
