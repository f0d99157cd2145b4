import Diagnostics
import Glibc
package import SystemPackage

/// Whether anything stands at the path, a link without a target included.
package func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
}

/// The length of a file in bytes.
///
/// - Throws: ``StorageError`` `gateway.data-folder` when it is not there, `disk.*`.
package func fileLength(_ path: FilePath) throws(StorageError) -> Int {
    var status = stat()
    guard stat(path.string, &status) == 0 else {
        throw StorageError("\(path) cannot be read.", because: Errno(rawValue: errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
        throw StorageError(.diskUnexpectedFile, "\(path) is no file.")
    }
    return Int(status.st_size)
}

/// Makes a folder and those above it that are missing.
///
/// - Throws: ``StorageError`` `disk.*`; `disk.unexpected-file` when a file stands there.
package func makeFolder(_ path: FilePath, mode: UInt32 = 0o755) throws(StorageError) {
    func make() -> Errno? { mkdir(path.string, mode) == 0 ? nil : Errno(rawValue: errno) }
    var problem = make()
    let parent = path.removingLastComponent()
    if problem == .noSuchFileOrDirectory, parent != path, !parent.isEmpty {
        try makeFolder(parent)
        problem = make()
    }
    guard let problem, !(problem == .fileExists && isFolder(path)) else { return }
    throw StorageError("The folder \(path) cannot be made.", because: problem)
}

/// Puts the bytes there in one step: whoever looks sees the old file or the new one, whole.
///
/// Written beside it, synced, renamed over it, and the folder synced. What was written beside it is
/// removed when that fails.
///
/// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder` when its folder is not there.
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
        unlink(temporary.string)
        throw StorageError("\(path) cannot be written.", because: error)
    }
}

/// Gives a file another name in its folder, in one step and over whatever has that name.
///
/// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder` when it is not there.
package func moveFile(_ source: FilePath, to target: FilePath) throws(StorageError) {
    do {
        try renameFile(source, to: target)
    } catch {
        throw StorageError("\(source) cannot be renamed to \(target).", because: error)
    }
}

/// Removes a file that may be there.
///
/// - Throws: ``StorageError`` `disk.*`.
package func removeFile(_ path: FilePath) throws(StorageError) {
    guard unlink(path.string) != 0, errno != ENOENT else { return }
    throw StorageError("\(path) cannot be removed.", because: Errno(rawValue: errno))
}

/// The bytes of a file, or nil when there is none.
///
/// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder` when it is longer than allowed.
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
        throw StorageError("\(path) cannot be read.", because: error)
    }
}

/// The names in a folder, sorted; none when there is no such folder.
///
/// - Throws: ``StorageError`` `disk.*` for one that cannot be read, or that is no folder.
package func namesInFolder(_ path: FilePath) throws(StorageError) -> [String] {
    guard let folder = opendir(path.string) else {
        let problem = Errno(rawValue: errno)
        if problem == .noSuchFileOrDirectory { return [] }
        throw StorageError("The folder \(path) cannot be read.", because: problem)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
        // readdir(3): the end and an error differ only in errno.
        errno = 0
        guard let entry = readdir(folder) else {
            guard errno == 0 else {
                throw StorageError(
                    "The folder \(path) cannot be read.", because: Errno(rawValue: errno))
            }
            return names.sorted()
        }
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != ".", name != ".." { names.append(name) }
    }
}

private func isFolder(_ path: FilePath) -> Bool {
    var status = stat()
    return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
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

/// Waits until the names in the folder are on the disk.
func syncFolder(_ path: FilePath) throws(Errno) {
    let descriptor = open(path.isEmpty ? "." : path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Errno(rawValue: errno) }
}
