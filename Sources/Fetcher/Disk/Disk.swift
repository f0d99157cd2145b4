internal import CLinux
import Diagnostics
import FoundationEssentials
import Glibc
package import SystemPackage

/// The few things that the fetcher does to the disk, each with every failure turned into a
/// ``DiskError`` that names the path.
package enum Disk {
    /// The content of a file, or nil when there is none.
    ///
    /// - Throws: `disk.unexpected-file` for more than `maximumBytes` and for what is no regular file.
    package static func read(
        _ path: FilePath, maximumBytes: Int = 64 << 20
    ) throws(DiskError) -> [UInt8]? {
        do {
            let file = try openRegularFile(path)
            defer { try? file.close() }
            var content: [UInt8] = []
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
            defer { chunk.deallocate() }
            while true {
                let count = try file.read(into: chunk)
                guard count > 0 else { return content }
                content += chunk[..<count]
                guard content.count <= maximumBytes else {
                    throw DiskError(
                        .diskUnexpectedFile,
                        "\(path) is larger than the \(maximumBytes) bytes that it can have.")
                }
            }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw DiskError(of: error, "read", path)
        }
    }

    /// Opens a regular file for reading; what blocks at opening (a FIFO) does not get to.
    static func openRegularFile(_ path: FilePath) throws -> FileDescriptor {
        let file = try FileDescriptor.open(
            path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? file.close()
            throw DiskError(.diskUnexpectedFile, "\(path) is no regular file.")
        }
        return file
    }

    /// Replaces a file so that after a crash either the old or the new content is there, whole.
    ///
    /// Written beside it, flushed, renamed over it, and the folder flushed.
    package static func writeAtomically(
        _ bytes: [UInt8], to path: FilePath,
        mode: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead]
    ) throws(DiskError) {
        try replace(path, by: bytes, mode, flushing: true)
        try sync(folder: path.removingLastComponent())
    }

    /// Replaces a file in one step, which a power failure may undo or leave as an empty or broken
    /// file: for what is proven whenever it is read and can be made anew, and for what is flushed
    /// with everything else later.
    package static func writeUnflushed(_ bytes: [UInt8], to path: FilePath) throws(DiskError) {
        try replace(path, by: bytes, [.ownerReadWrite, .groupRead, .otherRead], flushing: false)
    }

    private static func replace(
        _ path: FilePath, by bytes: [UInt8], _ mode: FilePermissions, flushing: Bool
    ) throws(DiskError) {
        let temporary = temporaryPath(for: path)
        try write(bytes, to: temporary, for: path, mode, flushing: flushing)
        do {
            try rename(temporary, to: path)
        } catch {
            unlink(temporary.string)
            throw error
        }
    }

    /// Makes a file, whole or not at all; when there is one already it stays as it is.
    package static func createAtomically(
        _ bytes: [UInt8], at path: FilePath, mode: FilePermissions
    ) throws(DiskError) {
        let temporary = temporaryPath(for: path)
        try write(bytes, to: temporary, for: path, mode, flushing: true)
        let isMade = link(temporary.string, path.string) == 0
        let failure = Errno(rawValue: errno)
        unlink(temporary.string)
        guard isMade || failure == .fileExists else { throw DiskError(failure, "create", path) }
        try sync(folder: path.removingLastComponent())
    }

    /// A name beside the path that nobody else has.
    static func temporaryPath(for path: FilePath) -> FilePath {
        FilePath("\(path.string).\(UInt64.random(in: .min ... .max)).new")
    }

    /// Writes a file that will become `path`; removes it when that fails.
    private static func write(
        _ bytes: [UInt8], to temporary: FilePath, for path: FilePath, _ mode: FilePermissions,
        flushing: Bool
    ) throws(DiskError) {
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: mode)
            do {
                try file.writeAll(bytes)
                guard !flushing || fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            } catch {
                try? file.close()
                throw error
            }
            try file.close()
        } catch {
            unlink(temporary.string)
            throw DiskError(of: error, "write", path)
        }
    }

    /// Makes a folder and those above it, unless they are there.
    package static func makeFolder(
        _ path: FilePath,
        mode: FilePermissions = [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute]
    ) throws(DiskError) {
        guard mkdir(path.string, mode.rawValue) != 0 else { return }
        switch Errno(rawValue: errno) {
        case .fileExists:
            guard let status = try status(path), status.isFolder else {
                throw DiskError(.diskUnexpectedFile, "\(path) is no folder.")
            }
        case .noSuchFileOrDirectory where !path.removingLastComponent().isEmpty:
            try makeFolder(path.removingLastComponent(), mode: mode)
            guard mkdir(path.string, mode.rawValue) == 0 || errno == EEXIST else {
                throw cannotMakeFolder(path, Errno(rawValue: errno))
            }
        case let failure:
            throw cannotMakeFolder(path, failure)
        }
    }

    /// Where no folder can be made at all, as below `/proc`, the path is the mistake.
    private static func cannotMakeFolder(_ path: FilePath, _ errno: Errno) -> DiskError {
        guard [.noSuchFileOrDirectory, .invalidArgument, .fileNameTooLong].contains(errno) else {
            return DiskError(errno, "create folder", path)
        }
        return DiskError(
            .settingsPathMissing,
            "Could not create folder \(quoted(path.string)): \(errno.description).",
            remedy: """
                Name a folder where one can be made (TOLLGATE_STORAGE for the storage folder, \
                TOLLGATE_LINK_INTO for links).
                """, cause: errno)
    }

    /// The names in a folder, sorted; none when it is not there.
    package static func names(in folder: FilePath) throws(DiskError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
        } catch {
            guard try status(folder) != nil else { return [] }
            throw DiskError(of: error, "list", folder)
        }
    }

    /// The names in a folder; none when it is not there, or something else stands in its place.
    package static func namesIfFolder(_ path: FilePath) throws(DiskError) -> [String] {
        try status(path)?.isFolder == true ? names(in: path) : []
    }

    package static func rename(_ old: FilePath, to new: FilePath) throws(DiskError) {
        guard Glibc.rename(old.string, new.string) == 0 else {
            throw DiskError(Errno(rawValue: errno), "rename \(old) to", new)
        }
    }

    /// Renames unless something is at the new path already.
    package static func renameExclusively(_ old: FilePath, to new: FilePath) throws(DiskError) {
        let status = renameat2(
            AT_FDCWD, old.string, AT_FDCWD, new.string, UInt32(LINUX_RENAME_NOREPLACE))
        guard status != 0 else { return }
        let failure = Errno(rawValue: errno)
        // Without flags the lock keeps other runs away, so check and rename.
        guard failure.isOfMissingFlags, try self.status(new) == nil else {
            throw DiskError(failure, "rename \(old) to", new)
        }
        try rename(old, to: new)
    }

    /// Exchanges two paths in one step that nobody sees half done (renameat2(2), `RENAME_EXCHANGE`).
    ///
    /// - Returns: false when the file system cannot; nothing is changed then.
    package static func exchange(_ one: FilePath, _ other: FilePath) throws(DiskError) -> Bool {
        let status = renameat2(
            AT_FDCWD, one.string, AT_FDCWD, other.string, UInt32(LINUX_RENAME_EXCHANGE))
        guard status != 0 else { return true }
        let failure = Errno(rawValue: errno)
        guard failure.isOfMissingFlags else {
            throw DiskError(failure, "exchange \(one) with", other)
        }
        return false
    }

    /// Makes what was renamed in a folder survive a power failure.
    package static func sync(folder: FilePath) throws(DiskError) {
        try withFolder(folder, "flush folder") { fsync($0) }
    }

    /// Makes everything written on the file system of a folder survive a power failure (syncfs(2)).
    package static func syncFileSystem(of folder: FilePath) throws(DiskError) {
        try withFolder(folder, "flush the file system of") { syncfs($0) }
    }

    private static func withFolder(
        _ folder: FilePath, _ action: String, _ body: (Int32) -> Int32
    ) throws(DiskError) {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                folder, .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw DiskError(of: error, action, folder)
        }
        defer { try? descriptor.close() }
        guard body(descriptor.rawValue) == 0 else {
            throw DiskError(Errno(rawValue: errno), action, folder, isOfFlush: true)
        }
    }
}

extension Errno {
    /// Whether renameat2(2) says that the file system, or the kernel, does not know its flags.
    fileprivate var isOfMissingFlags: Bool { self == .invalidArgument || self == .noFunction }
}

extension DiskError {
    /// Of an error that a system call or FileManager threw.
    init(of error: any Error, _ action: String, _ path: FilePath) {
        switch error {
        case let error as DiskError: self = error
        case let error as Errno: self.init(error, action, path)
        case let error as CocoaError:
            let posix = error.underlying as? POSIXError
            self.init(Errno(rawValue: posix?.code.rawValue ?? EIO), action, path)
        default: self.init(.diskIO, "Could not \(action) \(path).", cause: error)
        }
    }
}
