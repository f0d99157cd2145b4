import Cryptography
import Glibc
import Synchronization
import SystemPackage

/// A file that arrives piece by piece: each is hashed once and written, and none is held.
///
/// Every call blocks. A writer that is dropped before ``finish()`` takes its file with it.
package final class ArtifactWriter: Sendable {
    private struct State: ~Copyable {
        var length: Int64 = 0
        var sha512: RunningDigest? = RunningDigest(.sha512)
        var sha1: RunningDigest? = RunningDigest(.sha1)
    }

    private let path: FilePath
    private let output: FileDescriptor
    private let maximumLength: Int64
    private let state = Mutex(State())

    /// Takes an open, locked file over.
    init(_ path: FilePath, _ output: FileDescriptor, maximumLength: Int64) {
        self.path = path
        self.output = output
        self.maximumLength = maximumLength
    }

    deinit {
        guard state.withLock({ $0.sha512 != nil }) else { return }
        unlink(path.string)
        try? output.close()
    }

    /// How many bytes came so far.
    package var length: Int64 { state.withLock { $0.length } }

    /// Adds bytes at the end.
    ///
    /// - Throws: ``ArtifactTooLong``, `Errno` from writing.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            state.length += Int64(bytes.count)
            guard state.length <= maximumLength else {
                throw ArtifactTooLong(maximumLength: maximumLength)
            }
            state.sha512?.update(bytes)
            state.sha1?.update(bytes)
            _ = try output.writeAll(bytes)
        }
    }

    /// Waits until all of it is on the disk.
    ///
    /// - Returns: the file, whose descriptor is the one that was written
    /// - Throws: `Errno`.
    package func finish() throws -> IncomingArtifact {
        try sync(output)
        return state.withLock { state in
            guard let sha512 = state.sha512.take(), let sha1 = state.sha1.take() else {
                preconditionFailure("an artifact is finished once")
            }
            return IncomingArtifact(
                path: path, descriptor: output, length: state.length, sha512: sha512.finish(),
                sha1: sha1.finish())
        }
    }
}

/// More bytes came than are taken.
package struct ArtifactTooLong: Error {
    /// In bytes.
    package let maximumLength: Int64

    package init(maximumLength: Int64) {
        self.maximumLength = maximumLength
    }
}
