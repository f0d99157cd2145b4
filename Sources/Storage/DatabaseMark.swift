import Glibc
import SystemPackage

/// Tells for nothing whether any program has written to the database since one looked before.
///
/// SQLite keeps the header of the write-ahead log's index in a file that all its users map into
/// memory, and changes it with each transaction: `iChange`, the count of frames and their checksum
/// (<https://www.sqlite.org/walformat.html>, section 2.1). Reading it takes no lock, no system call
/// and no query. See docs/decisions/0026.
///
/// Of the mapped memory nothing is ever written here, and the address stays the same for life: that
/// is why the pointer may be shared.
final class DatabaseMark: @unchecked Sendable {
    /// The header at a moment.
    struct Value: Sendable, Hashable {
        fileprivate let words: [UInt64]
    }

    private let header: UnsafeRawPointer
    private static let headerLength = 48
    private static let mappedLength = 2 * headerLength
    /// The layout that this reads; SQLite has written no other since 2010.
    private static let knownVersion: UInt32 = 3_007_000

    /// Maps the index of an open database in write-ahead logging.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    init(of database: FilePath) throws(StorageError) {
        let path = FilePath(database.string + "-shm")
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            defer { try? descriptor.close() }
            guard
                let address = mmap(
                    nil, Self.mappedLength, PROT_READ, MAP_SHARED, descriptor.rawValue, 0),
                address != MAP_FAILED
            else { throw Errno(rawValue: errno) }
            header = UnsafeRawPointer(address)
        } catch {
            throw StorageError("\(path) cannot be read.", because: error)
        }
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: header), Self.mappedLength) }

    /// What the header says now; nil when somebody is writing it, or it has a layout that nobody
    /// knows here: then everything counts as changed.
    func current() -> Value? {
        let (first, second) = (words(at: 0), words(at: Self.headerLength))
        guard first == second, header.load(as: UInt32.self) == Self.knownVersion else {
            return nil
        }
        return Value(words: first)
    }

    private func words(at offset: Int) -> [UInt64] {
        (0..<Self.headerLength / 8).map {
            header.load(fromByteOffset: offset + $0 * 8, as: UInt64.self)
        }
    }
}
