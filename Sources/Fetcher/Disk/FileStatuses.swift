internal import CLinux
import Glibc
import SystemPackage

/// Looks at many files below one folder, each by its name in the open folder that it lies in: a
/// third of the time that whole paths take.
///
/// Owns the descriptors.
struct FileStatuses: ~Copyable {
    private static let capacity = 16

    private struct Folder {
        /// Below the root, without a slash at its end.
        let path: [UInt8]
        let descriptor: Int32
    }

    private let root: FilePath
    private let rootDescriptor: Int32
    /// Those that were used last; npm sorts a package's files by extension, so it goes to and fro.
    private var folders: [Folder] = []

    /// Opens the root.
    ///
    /// - Parameter root: a folder that is there
    /// - Throws: ``DiskError``.
    init(below root: FilePath) throws(DiskError) {
        self.root = root
        rootDescriptor = open(
            root.string, Int32(LINUX_O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard rootDescriptor >= 0 else { throw DiskError(Errno(rawValue: errno), "look at", root) }
    }

    deinit {
        for folder in folders { close(folder.descriptor) }
        close(rootDescriptor)
    }

    /// Looks at a file itself; a symbolic link is not followed.
    ///
    /// - Parameter path: below the root, with `/`
    /// - Returns: its status, or nil when it is not there
    /// - Throws: ``DiskError``.
    mutating func status(_ path: String) throws(DiskError) -> FileStatus? {
        var found = stat()
        let failure = path.withCString { text in
            var folder = rootDescriptor
            var name = text
            if let slash = strrchr(text, Int32(UInt8(ascii: "/"))) {
                name = UnsafePointer(slash) + 1
                folder = descriptor(
                    of: UnsafeRawBufferPointer(start: text, count: text.distance(to: slash)))
                guard folder >= 0 else { return errno }
            }
            return fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno
        }
        let root = root
        return try FileStatus(found, unless: failure, at: root.appending(path))
    }

    /// The open folder of that path, or -1 with `errno` set.
    private mutating func descriptor(of path: UnsafeRawBufferPointer) -> Int32 {
        if let folder = folders.last(where: { $0.path.elementsEqual(path) }) {
            return folder.descriptor
        }
        let descriptor = openat(
            rootDescriptor, String(decoding: path, as: UTF8.self),
            Int32(LINUX_O_PATH) | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        if folders.count >= Self.capacity { close(folders.removeFirst().descriptor) }
        folders.append(Folder(path: Array(path), descriptor: descriptor))
        return descriptor
    }
}
