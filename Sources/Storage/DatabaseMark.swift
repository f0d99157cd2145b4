import Diagnostics
internal import GRDB
internal import GRDBSQLite
import Synchronization

/// Tells for nothing whether any program has written to the database since one looked before.
///
/// SQLite keeps the header of the write-ahead log's index in memory that all users of the database
/// share, and changes it with each transaction: `iChange`, the count of frames and their checksum
/// (<https://www.sqlite.org/walformat.html>, section 2.1). Reading it takes no lock, no system call and
/// no query. See docs/decisions/0026.
///
/// The memory is SQLite's own mapping, asked for by `xShmMap` (<https://www.sqlite.org/c3ref/io_methods.html>).
/// To open the file a second time would end SQLite's locks on it when it is closed again (fcntl(2)).
///
/// Nothing is written there, and the address stays the same until the database is closed, which
/// ``forget()`` has to be called before: that is why the pointer may be shared.
final class DatabaseMark: @unchecked Sendable {
    /// The header at a moment.
    struct Value: Sendable, Hashable {
        fileprivate let words: [UInt64]
    }

    private let header: Mutex<UnsafeRawPointer?>
    private static let headerLength = 48
    /// What the log's index grows by; the header is at the beginning of its first part.
    private static let regionLength: Int32 = 32_768
    /// The layout that this reads; SQLite has written no other since 2010.
    private static let knownVersion: UInt32 = 3_007_000

    /// Finds the header of an open database in write-ahead logging.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder` when SQLite shares none.
    init(of database: GatewayDatabase) throws(StorageError) {
        do {
            let address = try database.pool.unsafeReentrantRead { database in
                try Self.sharedMemory(of: database)
            }
            header = Mutex(address)
        } catch {
            throw StorageError("The index of the write-ahead log cannot be read.", because: error)
        }
    }

    /// To be called before the database is closed: from then on everything counts as changed.
    func forget() {
        header.withLock { $0 = nil }
    }

    /// What the header says now; nil when somebody is writing it, or it has a layout that nobody
    /// knows here: then everything counts as changed.
    func current() -> Value? {
        header.withLock { header in
            guard let header, header.load(as: UInt32.self) == Self.knownVersion else { return nil }
            let words = Self.words(header)
            return words == Self.words(header + Self.headerLength) ? Value(words: words) : nil
        }
    }

    private static func words(_ address: UnsafeRawPointer) -> [UInt64] {
        (0..<headerLength / 8).map { address.load(fromByteOffset: $0 * 8, as: UInt64.self) }
    }

    private static func sharedMemory(of database: Database) throws -> UnsafeRawPointer {
        // The header is there from the first look at the database on.
        _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
        var file: UnsafeMutablePointer<sqlite3_file>?
        let asked = sqlite3_file_control(
            database.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard asked == SQLITE_OK, let file, let map = file.pointee.pMethods?.pointee.xShmMap else {
            throw DatabaseError(resultCode: ResultCode(rawValue: asked))
        }
        var address: UnsafeMutableRawPointer?
        let mapped = map(file, 0, regionLength, 0, &address)
        guard mapped == SQLITE_OK, let address else {
            throw DatabaseError(resultCode: ResultCode(rawValue: mapped))
        }
        return UnsafeRawPointer(address)
    }
}
