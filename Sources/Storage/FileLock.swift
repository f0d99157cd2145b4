import Diagnostics
import Glibc
package import SystemPackage

/// An exclusive `flock` on a file, held until ``release()`` or the end of the program.
///
/// A program that was killed holds nothing: the kernel drops the lock with the descriptor. Two locks
/// in one program exclude each other too.
package final class FileLock: Sendable {
    /// Which file is locked.
    package enum ExpectedFile: Sendable {
        case oldOrNew
        /// One that is there; else it is an error.
        case old
        /// One that is not there; else it is an error.
        case new
    }

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
    package init?(
        ifFree path: FilePath, _ file: ExpectedFile = .oldOrNew
    ) throws(StorageError) {
        let opened = try Self.open(path, file)
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

    /// Whether the file is still the one that the path names: whoever had the lock before may have
    /// removed it.
    package func isStill(at path: FilePath) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor.rawValue, &held) == 0 && lstat(path.string, &named) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    private static func open(
        _ path: FilePath, _ file: ExpectedFile = .oldOrNew
    ) throws(StorageError) -> FileDescriptor {
        let options: FileDescriptor.OpenOptions =
            switch file {
            case .oldOrNew: [.create]
            case .old: []
            case .new: [.create, .exclusiveCreate]
            }
        do {
            return try FileDescriptor.open(
                path, .readWrite, options: options.union(.closeOnExec),
                permissions: [.ownerReadWrite])
        } catch {
            throw StorageError("\(path) cannot be opened.", because: error)
        }
    }
}
