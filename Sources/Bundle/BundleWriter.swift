internal import CLinux
import Cryptography
import Diagnostics
import Glibc
package import SystemPackage
import Tarball

/// Writes a bundle: its index, then each file that the index lists.
///
/// As `FILE.new`, which gets its name when it is whole and flushed: who is killed leaves no bundle
/// that is cut off, and the next one that is written there begins it anew.
package final class BundleWriter {
    private let path: FilePath
    private let temporary: FilePath
    private let file: FileDescriptor
    private let archive: ArchiveWriter
    private var isFinished = false

    /// Begins a bundle.
    ///
    /// - Parameters:
    ///   - path: what it will be called; nothing may be there
    ///   - index: the index file, signed
    /// - Throws: ``BundleError`` `disk.*`, ``UsageError`` when the path is taken, or another program
    ///   writes it.
    package init(_ path: FilePath, index: [UInt8]) throws {
        self.path = path
        temporary = FilePath("\(path.string).new")
        try Self.requireNothing(at: path)
        do {
            file = try Self.create(temporary)
        } catch {
            throw error is any Failure ? error : BundleError("create", path, error, isOutput: true)
        }
        do {
            archive = try ArchiveWriter(file)
        } catch {
            // No deinit ends what was not wholly begun.
            unlink(temporary.string)
            try? file.close()
            throw BundleError("write", path, error)
        }
        do {
            try archive.add(BundleFile.indexName, index)
        } catch {
            throw BundleError("write", path, error)
        }
    }

    deinit {
        if !isFinished { unlink(temporary.string) }
        try? file.close()
    }

    /// Adds the next file of the index.
    ///
    /// - Throws: ``BundleError`` `disk.*`.
    package func add(_ listed: BundleContents.File, _ bytes: [UInt8]) throws(BundleError) {
        do {
            try archive.add(listed.entryName, bytes)
        } catch {
            throw BundleError("write", path, error)
        }
    }

    /// Adds the next file of the index from a file on the disk.
    ///
    /// - Throws: ``BundleError`` `disk.*`.
    package func add(
        _ listed: BundleContents.File, fromFileAt path: FilePath
    ) throws(BundleError) {
        let content: FileDescriptor
        do {
            content = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
        } catch {
            throw BundleError(
                .disk((error as? Errno ?? .ioError).rawValue), "Could not open \(path): \(error).",
                cause: error)
        }
        defer { try? content.close() }
        do {
            try archive.add(listed.entryName, from: content, size: listed.length)
        } catch {
            throw BundleError("write", self.path, error)
        }
    }

    /// Makes it a bundle.
    ///
    /// - Throws: ``BundleError`` `disk.*`, ``UsageError`` when something took the path meanwhile.
    package func finish() throws {
        do {
            try archive.finish()
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            try takeName()
            isFinished = true
            let parent = path.removingLastComponent()
            let folder = try FileDescriptor.open(
                parent.isEmpty ? "." : parent, .readOnly, options: [.directory, .closeOnExec])
            defer { try? folder.close() }
            guard fsync(folder.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch let error as UsageError {
            throw error
        } catch {
            throw BundleError("write", path, error)
        }
    }

    /// Takes the name in one step that never takes it from what somebody put there meanwhile.
    private func takeName() throws {
        let status = renameat2(
            AT_FDCWD, temporary.string, AT_FDCWD, path.string, UInt32(LINUX_RENAME_NOREPLACE))
        guard status != 0 else { return }
        let failure = Errno(rawValue: errno)
        try Self.requireNothing(at: path)
        // File systems without flags rename what was looked at a moment before.
        guard [.invalidArgument, .noFunction].contains(failure) else { throw failure }
        guard rename(temporary.string, path.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes the file that becomes the bundle, in the place of what an earlier call left there.
    ///
    /// That is removed and not written: it may have another name, or another owner.
    private static func create(_ path: FilePath) throws -> FileDescriptor {
        let left = try? FileDescriptor.open(
            path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        defer { try? left?.close() }
        if let left {
            // Who is done as this one comes has given the file its name: it is no longer this one.
            guard flock(left.rawValue, LOCK_EX | LOCK_NB) == 0, try isStill(left, at: path) else {
                throw isTaken(path)
            }
            guard unlink(path.string) == 0 else { throw Errno(rawValue: errno) }
        }
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite])
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                try? file.close()
                throw isTaken(path)
            }
            return file
        } catch Errno.fileExists {
            try requireNothing(at: path)
            throw isTaken(path)
        }
    }

    private static func isTaken(_ path: FilePath) -> UsageError {
        UsageError(
            "Another program writes \(path), as which the bundle is written at first.",
            remedy: "Wait for it.")
    }

    private static func isStill(_ file: FileDescriptor, at path: FilePath) throws -> Bool {
        var (held, present) = (stat(), stat())
        guard fstat(file.rawValue, &held) == 0 else { throw Errno(rawValue: errno) }
        return lstat(path.string, &present) == 0
            && held.st_dev == present.st_dev && held.st_ino == present.st_ino
    }

    private static func requireNothing(at path: FilePath) throws(UsageError) {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        throw UsageError(
            isFolder ? "\(path) is a folder." : "\(path) is there already.",
            remedy: isFolder
                ? "Name a file in it." : "Choose another name; nothing is written over.")
    }
}
