import Glibc
package import SystemPackage

/// What lstat(2) says of a path, as far as the fetcher asks.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: Sendable { case file, folder, symbolicLink, other }

    package let kind: Kind
    /// In bytes.
    package let size: Int64
    /// In nanoseconds since 1970.
    package let modified: Int64

    package var isFolder: Bool { kind == .folder }
}

extension Disk {
    /// The status of a path itself (a symbolic link is not followed), or nil when nothing is there.
    package static func status(_ path: FilePath) throws(DiskError) -> FileStatus? {
        var status = stat()
        let failure = lstat(path.string, &status) == 0 ? 0 : errno
        return try FileStatus(status, unless: failure, at: path)
    }

    /// The status of what a path leads to, or nil when nothing is there.
    package static func statusFollowingLinks(_ path: FilePath) throws(DiskError) -> FileStatus? {
        var status = stat()
        let failure = stat(path.string, &status) == 0 ? 0 : errno
        return try FileStatus(status, unless: failure, at: path)
    }
}

extension FileStatus {
    /// What was found; nil when nothing is there.
    ///
    /// - Parameters:
    ///   - status: what the kernel wrote
    ///   - failure: the number of the error instead of it, or 0
    ///   - path: what was looked at
    /// - Throws: ``DiskError`` for every other failure.
    init?(
        _ status: stat, unless failure: Int32, at path: @autoclosure () -> FilePath
    ) throws(DiskError) {
        guard failure == 0 else {
            let failure = Errno(rawValue: failure)
            guard failure == .noSuchFileOrDirectory || failure == .notDirectory else {
                throw DiskError(failure, "look at", path())
            }
            return nil
        }
        self.init(status)
    }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symbolicLink
            default: .other
            }
        size = Int64(status.st_size)
        modified =
            Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
}
