internal import Cryptography
import Diagnostics
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Writes a package below one open folder, and nowhere else.
///
/// Every name is one component, opened relative to the descriptor of its folder without following
/// links, and created exclusively: whatever somebody else puts there in between makes it fail
/// instead of leading it away.
final class StagingFolder: EntryDestination {
    private let root: Int32
    private var folders: FolderDescriptors
    /// Written so far, in the order of the archive.
    private(set) var files: [UnpackedFile] = []

    /// The descriptor stays the caller's.
    init(_ folder: FileDescriptor) {
        root = folder.rawValue
        folders = FolderDescriptors(root: root)
    }

    /// - Throws: `disk.unexpected-file` when there is anything in it.
    func checkIsEmpty() throws(TarballError) {
        let names: [[CChar]]
        do {
            names = try FolderContent.names(in: root)
        } catch {
            throw TarballError("read the staging folder", failedWith: error)
        }
        guard names.isEmpty else {
            throw TarballError(
                .diskUnexpectedFile,
                "The staging folder is not empty: it holds \(names.count) names.")
        }
    }

    /// Takes back what was written, as far as the disk lets it.
    func removeContent() {
        folders.closeAll()
        // Why it was not unpacked is what matters.
        try? FolderContent.remove(in: root)
    }

    func makeFolder(_ path: String) throws(TarballError) {
        let (parent, name) = try place(of: path)
        guard mkdirat(parent, name, 0o755) == 0 else {
            throw TarballError("create \(quoted(path))", failedWith: Errno(rawValue: errno))
        }
        // The process's umask may have taken bits away.
        let descriptor = try folders.descriptor(of: path)
        guard fchmod(descriptor, 0o755) == 0 else {
            throw TarballError(
                "set the mode of \(quoted(path))", failedWith: Errno(rawValue: errno))
        }
    }

    func receive(_ file: PackageFile, _ content: borrowing EntryContent) throws(TarballError) {
        let mode: mode_t = file.isExecutable ? 0o755 : 0o644
        let (parent, name) = try place(of: file.path)
        var output = try OutputFile(name, in: parent, path: file.path)
        var digest = RunningDigest(.sha512)
        while let block = try content.nextBlock() {
            digest.update(block)
            try output.write(block)
        }
        let seconds = min(
            max(file.modificationSeconds, UnpackedFile.times.lowerBound),
            UnpackedFile.times.upperBound)
        try output.finish(mode: mode, modificationSeconds: seconds)
        files.append(
            UnpackedFile(
                path: file.path, size: file.size, sha512: digest.finish(),
                modificationTime: seconds * 1_000_000_000))
    }

    private func place(of path: String) throws(TarballError) -> (parent: Int32, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return (root, path)
        }
        let parent = try folders.descriptor(of: String(path[..<slash]))
        return (parent, String(path[path.utf8.index(after: slash)...]))
    }
}
