import Diagnostics
import Glibc
import SystemPackage

/// Whose the folders are that say what is moved and deleted.
///
/// Who can write in them decides what `pkg` does with the rights of root, by a journal or a link that
/// he puts there (docs/decisions/0042). Another user than root can only write in folders that their
/// owner shares.
extension StorageFolder {
    /// Refuses to work as root in our own folders when another user owns them.
    ///
    /// - Throws: `disk.foreign-owner`
    package func requireOwn() throws(DiskError) {
        for folder in [own, license] { try Self.requireOwn(folder) }
    }

    /// The same for the folder of the logs and for a link that leads to it.
    ///
    /// - Throws: `disk.foreign-owner`, `disk.*`
    package func requireOwnLogs() throws(DiskError) {
        let parent = logs.removingLastComponent()
        if try Disk.status(parent)?.kind == .symbolicLink { try Self.requireOwn(parent) }
        try Self.requireOwn(logs)
    }

    /// - Parameter path: a folder or link; one that is not there is nobody's
    /// - Throws: `disk.foreign-owner`
    private static func requireOwn(_ path: FilePath) throws(DiskError) {
        var status = stat()
        guard geteuid() == 0, lstat(path.string, &status) == 0 else { return }
        let owner = status.st_uid
        guard owner != 0 else { return }
        // Where all files seem to be one user's, as on a share, an owner says nothing, and where
        // nothing can be written nothing is moved.
        if status.st_mode & S_IFMT == S_IFDIR, saysNothing(owner, of: path) { return }
        throw DiskError(
            .diskForeignOwner, "\(path) belongs to user \(owner); pkg runs as root.")
    }

    private static func saysNothing(_ owner: uid_t, of folder: FilePath) -> Bool {
        let path = Disk.temporaryPath(for: folder.appending("owner"))
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite])
            defer {
                unlink(path.string)
                try? file.close()
            }
            var status = stat()
            return fstat(file.rawValue, &status) == 0 && status.st_uid == owner
        } catch {
            return error as? Errno == .readOnlyFileSystem
        }
    }
}
