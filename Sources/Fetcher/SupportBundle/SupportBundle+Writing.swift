import Diagnostics
import FoundationEssentials
import Glibc
package import SystemPackage
import Tarball

extension SupportBundle {
    /// Writes it as a file that only its owner may read, whole or not at all.
    ///
    /// - Parameter path: where nothing may be yet
    /// - Throws: `support.file-exists`, `disk.*`
    package func write(to path: FilePath) throws {
        try requireNothing(at: path)
        let temporary = Disk.temporaryPath(for: path)
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite])
            try file.closeAfter {
                try write(to: file)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            try Disk.renameExclusively(temporary, to: path)
        } catch {
            unlink(temporary.string)
            // Somebody else was quicker.
            try requireNothing(at: path)
            guard let errno = error as? Errno else { throw error }
            throw DiskError(
                .namedPath(errno.rawValue),
                "Could not write \(quoted(path.string)): \(errno.description).",
                remedy: FailureCode.remedyForOutput(errno.rawValue), cause: errno)
        }
    }

    /// Writes it to a pipe.
    ///
    /// - Throws: `disk.*`
    package func write(to output: FileDescriptor) throws {
        let archive = try ArchiveWriter(output, compression: .gzip)
        for entry in entries {
            try archive.add(
                "pkg-support/\(entry.name)", entry.content,
                modificationSeconds: entry.modificationSeconds)
        }
        try archive.finish()
    }

    private func requireNothing(at path: FilePath) throws {
        guard try Disk.status(path) == nil else {
            throw Noticed(.supportFileExists, "\(path) is there already.")
        }
    }
}
