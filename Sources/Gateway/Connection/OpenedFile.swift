import Diagnostics
import Glibc
import NIOCore
import Storage
import SystemPackage

/// A file that was opened to be sent; closed when nobody holds it any more.
final class OpenedFile: Sendable {
    let length: Int
    private let descriptor: SystemPackage.FileDescriptor

    /// Opens it, and has the kernel begin to read it: what is sent from an event loop should not wait for
    /// a disk.
    ///
    /// - Throws: ``StorageError`` for a file that is not there or cannot be read.
    init(_ path: FilePath) throws(StorageError) {
        do {
            descriptor = try SystemPackage.FileDescriptor.open(
                path, .readOnly, options: [.closeOnExec])
        } catch {
            throw StorageError("\(path) cannot be read.", because: error)
        }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? descriptor.close()
            throw StorageError(.diskUnexpectedFile, "\(path) is no file.")
        }
        length = Int(status.st_size)
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_WILLNEED)
    }

    deinit {
        try? descriptor.close()
    }

    /// Runs the body with a handle of NIO's, which is the caller's alone as long as it runs.
    ///
    /// NIO allows a handle one user at a time and would close the descriptor with it; several connections
    /// send one file, so each has a handle of its own on the one descriptor, and gives it back.
    func withHandle(_ body: (NIOFileHandle) async throws -> Void) async throws {
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor.rawValue)
        do {
            try await body(handle)
        } catch {
            _ = try handle.takeDescriptorOwnership()
            throw error
        }
        _ = try handle.takeDescriptorOwnership()
    }
}
