import Glibc
package import SystemPackage
import Tarball

extension Disk {
    /// Removes a file, or a folder with all its content; nothing when it is not there.
    ///
    /// What becomes a link while its folder is emptied is removed and not followed.
    package static func remove(_ path: FilePath) throws(DiskError) {
        do {
            guard unlink(path.string) != 0 else { return }
            let failure = Errno(rawValue: errno)
            guard let status = try status(path) else { return }
            guard status.isFolder else { throw failure }
            guard rmdir(path.string) != 0 else { return }
            let folder = try FileDescriptor.open(
                path, .readOnly, options: [.directory, .noFollow, .closeOnExec])
            try folder.closeAfter { try FolderContent.remove(in: folder.rawValue) }
            guard rmdir(path.string) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw DiskError(of: error, "remove", path)
        }
    }
}
