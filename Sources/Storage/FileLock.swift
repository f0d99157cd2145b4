import Diagnostics
import Glibc
package import SystemPackage

/// An exclusive `flock` on a file, held until ``release()`` or the end of the program.
///
/// A program that was killed holds nothing: the kernel drops the lock with the descriptor. Two locks
/// in one program exclude each other too.
package final class FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// Waits until nobody else holds it.
    ///
    /// The file is made when it is not there.
    ///
    /// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder` when its folder is not there.
    package init(waitingFor path: FilePath) throws(StorageError) {
        let opened = try Self.open(path)
        while flock(opened.rawValue, LOCK_EX) != 0 {
            let problem = Errno(rawValue: errno)
            guard problem == .interrupted else {
                try? opened.close()
                throw StorageError("\(path) cannot be locked.", because: problem)
            }
        }
        descriptor = opened
    }

    /// Takes it when nobody holds it, or is nil.
    ///
    /// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder` when its folder is not there.
    package init?(ifFree path: FilePath) throws(StorageError) {
        let opened = try Self.open(path)
        guard flock(opened.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let problem = Errno(rawValue: errno)
            try? opened.close()
            guard problem == .wouldBlock else {
                throw StorageError("\(path) cannot be locked.", because: problem)
            }
            return nil
        }
        descriptor = opened
    }

    /// Lets go.
    ///
    /// To be called once, with `defer`: without it the compiler may end the lock early.
    package func release() {
        try? descriptor.close()
    }

    private static func open(_ path: FilePath) throws(StorageError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path, .readWrite, options: [.create, .closeOnExec],
                permissions: [.ownerReadWrite])
        } catch {
            throw StorageError("\(path) cannot be opened.", because: error)
        }
    }
}
