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
        return try Self.status(path, of: lstat(path.string, &status), status)
    }

    /// The status of what a path leads to, or nil when nothing is there.
    package static func statusFollowingLinks(_ path: FilePath) throws(DiskError) -> FileStatus? {
        var status = stat()
        return try Self.status(path, of: stat(path.string, &status), status)
    }

    private static func status(
        _ path: FilePath, of result: Int32, _ status: stat
    ) throws(DiskError) -> FileStatus? {
        guard result == 0 else {
            let failure = Errno(rawValue: errno)
            guard failure == .noSuchFileOrDirectory || failure == .notDirectory else {
                throw DiskError(failure, "look at", path)
            }
            return nil
        }
        return FileStatus(status)
    }
}

extension FileStatus {
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
