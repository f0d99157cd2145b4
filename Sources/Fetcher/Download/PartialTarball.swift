import Cryptography
import HTTPTransfer
import Synchronization
import SystemPackage

/// A tarball that is being downloaded: `.pkg/tarballs/<sha512>.part`.
///
/// Its name is the digest that was signed, so what a killed run left is the beginning of the same
/// file, and the download goes on behind it.
final class PartialTarball: DownloadSink {
    let path: FilePath
    private let file = Mutex<FileDescriptor?>(nil)

    init(_ sha512: Digest, in folder: FilePath) {
        path = folder.appending("\(sha512.hex).part")
    }

    /// How many bytes are there from before.
    func length() throws(DiskError) -> Int64 {
        try Disk.status(path)?.size ?? 0
    }

    func begin(resumingAt offset: Int64) throws {
        do {
            try file.withLock { file in
                try file?.close()
                file = nil
                let opened = try FileDescriptor.open(
                    path, .writeOnly, options: [.create, .noFollow, .closeOnExec],
                    permissions: [.ownerReadWrite])
                file = opened
                try opened.resize(to: offset)
                try opened.seek(offset: offset, from: .start)
            }
        } catch let error as Errno {
            throw DiskError(error, "open", path)
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        do {
            try file.withLock { _ = try $0?.writeAll(bytes) }
        } catch let error as Errno {
            throw DiskError(error, "write", path)
        }
    }

    /// Ends writing; the file stays.
    func close() throws(DiskError) {
        do {
            try file.withLock { file in
                try file?.close()
                file = nil
            }
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "close", path)
        }
    }
}
