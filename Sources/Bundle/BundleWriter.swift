import Cryptography
import Diagnostics
import Glibc
package import SystemPackage
import Tarball

/// Writes a bundle: its index, then each file that the index lists.
///
/// Beside the path that it will have, and renamed when it is whole and flushed: who is killed leaves
/// a file that ends in `.new` and no bundle that is cut off.
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
    /// - Throws: ``BundleError`` `disk.*`, `usage.invalid` when the path is taken.
    package init(_ path: FilePath, index: [UInt8]) throws {
        self.path = path
        temporary = FilePath("\(path.string).\(UInt64.random(in: .min ... .max)).new")
        guard access(path.string, F_OK) != 0 else { throw Self.taken(path) }
        do {
            file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite])
        } catch {
            throw BundleError("create", path, error)
        }
        do {
            archive = try ArchiveWriter(file)
            try archive.add(BundleFile.indexName, index)
        } catch {
            unlink(temporary.string)
            try? file.close()
            throw BundleError("write", path, error)
        }
    }

    deinit {
        guard !isFinished else { return }
        unlink(temporary.string)
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
            throw BundleError("open", path, error)
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
    /// - Throws: ``BundleError`` `disk.*`, `usage.invalid` when something took the path meanwhile.
    package func finish() throws {
        do {
            try archive.finish()
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            throw BundleError("write", path, error)
        }
        // Not by rename, which would write over what somebody put there meanwhile.
        guard link(temporary.string, path.string) == 0 else {
            let failure = Errno(rawValue: errno)
            throw failure == .fileExists
                ? Self.taken(path) : BundleError("create", path, failure)
        }
        unlink(temporary.string)
        isFinished = true
        try? file.close()
    }

    private static func taken(_ path: FilePath) -> UsageError {
        UsageError("\(path) is there already.", remedy: "Choose another name, or remove it.")
    }
}
