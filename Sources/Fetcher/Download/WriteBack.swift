internal import CLinux
import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Has the kernel write to the disk what was unpacked while more is being unpacked, so that the
/// flush before the installation has little left to wait for.
///
/// One descriptor for all flushes: syncfs(2) tells of failures since its descriptor was opened, also
/// of those that the kernel met when it wrote by itself.
final class WriteBack: Sendable {
    /// Less than this is not worth a flush of its own.
    private static let portion: Int64 = 24 << 20

    private let folder: FilePath
    private let descriptor: FileDescriptor
    private let queue = DispatchQueue(label: "pkg.write-back")
    private let state = Mutex(State())

    private struct State {
        /// Unpacked since the last flush began, in bytes.
        var unwritten: Int64 = 0
        var isRunning = false
        var failure: DiskError?
    }

    /// Opens a folder on the file system that is written to.
    init(_ folder: FilePath) throws(DiskError) {
        self.folder = folder
        do {
            descriptor = try FileDescriptor.open(
                folder, .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open", folder)
        }
    }

    deinit { try? descriptor.close() }

    /// Takes note of what was written; begins a flush when there is enough and none is running.
    func wrote(_ bytes: Int64) {
        let begins = state.withLock { state in
            state.unwritten += bytes
            guard state.unwritten >= Self.portion, !state.isRunning else { return false }
            state.unwritten = 0
            state.isRunning = true
            return true
        }
        if begins { queue.async { self.flush() } }
    }

    /// Flushes what is left.
    ///
    /// - Throws: the first failure of all flushes.
    func finish() async throws(DiskError) {
        await withCheckedContinuation { continuation in
            queue.async {
                self.flush()
                continuation.resume()
            }
        }
        if let failure = state.withLock(\.failure) { throw failure }
    }

    private func flush() {
        let failure =
            syncfs(descriptor.rawValue) == 0
            ? nil
            : DiskError(Errno(rawValue: errno), "flush the file system of", folder)
        state.withLock { state in
            state.isRunning = false
            state.failure = state.failure ?? failure
        }
    }
}
