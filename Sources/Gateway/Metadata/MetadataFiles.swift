import Glibc
import Storage
import Synchronization
import SystemPackage

/// The files of signed metadata as they were last sent, so that they are not read, digested and
/// compressed for each request.
///
/// One with a version in its name never changes. Of the others, `timestamp.json` above all, the file's
/// identity is compared each time: metadata is replaced by renaming, so another file has another one.
final class MetadataFiles: Sendable {
    private struct Kept: Sendable {
        let identity: FileIdentity
        let bytes: ReadyBytes
    }

    /// How much is kept at most, in bytes; when it is more, everything is forgotten.
    private static let limit = 16 << 20

    private let kept = Mutex<(files: [String: Kept], size: Int)>(([:], 0))
    private let folder: FilePath

    init(in folder: FilePath) {
        self.folder = folder
    }

    /// The file, or nil when there is none of that name.
    ///
    /// - Throws: ``StorageError``.
    func file(_ name: String) async throws -> ReadyBytes? {
        let isVersioned = name.first?.isNumber == true
        let last = kept.withLock { $0.files[name] }
        if isVersioned, let last { return last.bytes }
        return try await onBlockingThread { [self] in
            let path = folder.appending(name)
            guard let identity = FileIdentity(path) else { return nil }
            if let last, last.identity == identity { return last.bytes }
            guard let bytes = try readFile(path) else { return nil }
            let ready = ReadyBytes(
                bytes, contentType: "application/json",
                cacheControl: isVersioned
                    ? "public, max-age=31536000, immutable"
                    : "public, max-age=30, must-revalidate")
            // What was read may be newer than what was looked at before; then it is not kept.
            if FileIdentity(path) == identity { keep(Kept(identity: identity, bytes: ready), name) }
            return ready
        }
    }

    private func keep(_ file: Kept, _ name: String) {
        kept.withLock { kept in
            if let former = kept.files.removeValue(forKey: name) { kept.size -= former.bytes.size }
            if kept.size + file.bytes.size > Self.limit { kept = ([:], 0) }
            guard file.bytes.size <= Self.limit else { return }
            kept.files[name] = file
            kept.size += file.bytes.size
        }
    }
}

/// What changes when a file is replaced or written.
private struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let modified: Int
    private let modifiedNanoseconds: Int
    private let changed: Int
    private let changedNanoseconds: Int

    init?(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec
        modifiedNanoseconds = status.st_mtim.tv_nsec
        changed = status.st_ctim.tv_sec
        changedNanoseconds = status.st_ctim.tv_nsec
    }
}
