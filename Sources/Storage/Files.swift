import Diagnostics
import Glibc
package import SystemPackage

/// Whether anything stands at the path, a link without a target included.
package func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
}

/// Makes a folder and those above it that are missing.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
package func makeFolder(_ path: FilePath, mode: UInt32 = 0o755) throws(StorageError) {
    if mkdir(path.string, mode) == 0 { return }
    let problem = Errno(rawValue: errno)
    switch problem {
    case .fileExists: return
    case .noSuchFileOrDirectory where path.removingLastComponent() != path && !path.isEmpty:
        try makeFolder(path.removingLastComponent())
        guard mkdir(path.string, mode) == 0 || errno == EEXIST else { fallthrough }
    default:
        throw StorageError(.dataFolderUnusable, "\(path) cannot be made.", cause: problem)
    }
}

/// Puts the bytes there in one step: whoever looks sees the old file or the new one, whole.
///
/// Written beside it, synced, renamed over it, and the folder synced.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
package func replaceFile(
    _ path: FilePath, with bytes: [UInt8], permissions: FilePermissions
) throws(StorageError) {
    let temporary = FilePath(path.string + ".new")
    do {
        let descriptor = try FileDescriptor.open(
            temporary, .writeOnly, options: [.create, .truncate, .closeOnExec],
            permissions: permissions)
        try descriptor.closeAfter {
            _ = try descriptor.writeAll(bytes)
            try sync(descriptor)
        }
        try renameFile(temporary, to: path)
    } catch {
        throw StorageError(.dataFolderUnusable, "\(path) cannot be written.", cause: error)
    }
}

/// The bytes of a file, or nil when there is none.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
package func readFile(
    _ path: FilePath, maximumLength: Int = 64 << 20
) throws(StorageError) -> [UInt8]? {
    do {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        return try descriptor.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                guard count > 0 else { return bytes }
                guard bytes.count + count <= maximumLength else { throw Errno.fileTooLarge }
                bytes += chunk[..<count]
            }
        }
    } catch Errno.noSuchFileOrDirectory {
        return nil
    } catch {
        throw StorageError(.dataFolderUnusable, "\(path) cannot be read.", cause: error)
    }
}

/// The names in a folder, sorted; none when there is no such folder.
package func namesInFolder(_ path: FilePath) -> [String] {
    guard let folder = opendir(path.string) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Renames within one file system and syncs the folder that now has the name.
func renameFile(_ source: FilePath, to target: FilePath) throws(Errno) {
    guard rename(source.string, target.string) == 0 else { throw Errno(rawValue: errno) }
    try syncFolder(target.removingLastComponent())
}

/// Waits until the file's bytes are on the disk.
func sync(_ descriptor: FileDescriptor) throws(Errno) {
    guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
}

private func syncFolder(_ path: FilePath) throws(Errno) {
    let descriptor = open(path.isEmpty ? "." : path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
}
