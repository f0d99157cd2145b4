package import Cryptography
import Diagnostics
import Glibc
package import SystemPackage

/// Tarballs and signed files on disk, each found by the SHA-512 of its bytes.
///
/// `artifacts/sha512/ab/cd…`: what is there is whole, because a file gets its name only after its
/// bytes are on the disk. What arrives stands in `artifacts/incoming/`, locked by who brings it.
package struct ArtifactStore: Sendable {
    package let root: FilePath

    package init(root: FilePath) {
        self.root = root
    }

    /// Makes the folders.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    package func prepare() throws(StorageError) {
        try makeFolder(incoming)
        try makeFolder(kept)
    }

    /// Throws unless the folder of what is kept can be read.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder` when it is not there, `disk.*`.
    package func check() throws(StorageError) {
        guard exists(kept) else {
            throw StorageError(.dataFolderUnusable, "The folder \(kept) is not there.")
        }
        _ = try namesInFolder(kept)
    }

    /// Where the bytes with that SHA-512 stand, when they are there.
    package func path(of sha512: Digest) -> FilePath {
        let hex = sha512.hex
        return kept.appending(String(hex.prefix(2)))
            .appending(String(hex.dropFirst(2)))
    }

    package func contains(_ sha512: Digest) -> Bool {
        exists(path(of: sha512))
    }

    /// Copies a file in and hashes it on the way, so that what is looked at later is what was hashed.
    ///
    /// - Throws: ``UsageError`` when there is no such file or it is longer than allowed,
    ///   ``StorageError`` `disk.*`.
    package func receive(
        contentsOf source: FilePath, maximumLength: Int64 = 2 << 30
    ) throws -> IncomingArtifact {
        let input: FileDescriptor
        do {
            input = try FileDescriptor.open(source, .readOnly, options: [.closeOnExec])
        } catch {
            throw UsageError(
                "\(source) cannot be opened.", remedy: "Check the file's path and owner.",
                cause: error)
        }
        defer { try? input.close() }
        do {
            return try receive(maximumLength: maximumLength) { try input.read(into: $0) }
        } catch let error as ArtifactTooLong {
            throw UsageError("\(source) is longer than \(error.maximumLength) bytes.")
        } catch {
            throw StorageError("\(source) cannot be copied into \(root).", because: error)
        }
    }

    /// Begins a file that arrives piece by piece.
    ///
    /// - Throws: `Errno`.
    package func begin(maximumLength: Int64) throws -> ArtifactWriter {
        let (path, output) = try openIncoming()
        return ArtifactWriter(path, output, maximumLength: maximumLength)
    }

    /// Takes bytes that are in memory.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    package func keep(_ bytes: [UInt8]) throws(StorageError) -> Digest {
        let sha512 = Digest.of(.sha512, bytes)
        guard !contains(sha512) else { return sha512 }
        var position = 0
        let artifact: IncomingArtifact
        do {
            artifact = try receive(maximumLength: Int64(bytes.count)) { buffer in
                let count = min(buffer.count, bytes.count - position)
                buffer.copyBytes(from: bytes[position..<position + count])
                position += count
                return count
            }
        } catch {
            throw StorageError("\(root) cannot be written.", because: error)
        }
        try keep(artifact)
        return sha512
    }

    /// Gives what arrived its place.
    ///
    /// Bytes that were there already are written again: what stands there may have been damaged.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    package func keep(_ artifact: IncomingArtifact) throws(StorageError) {
        let place = path(of: artifact.sha512)
        let isNewFolder = !exists(place.removingLastComponent())
        try makeFolder(place.removingLastComponent())
        do {
            if isNewFolder { try syncFolder(kept) }
            try renameFile(artifact.path, to: place)
        } catch {
            throw StorageError("\(place) cannot be written.", because: error)
        }
    }

    /// Removes what somebody began to bring and no longer holds: the remains of a crash.
    ///
    /// What another user left stays.
    ///
    /// - Throws: ``StorageError`` `disk.*` when the folder cannot be read.
    package func removeLeftovers() throws(StorageError) {
        for name in try namesInFolder(incoming) {
            let path = incoming.appending(name)
            // One that is gone meanwhile is not made again: who brings it would take it for its own.
            guard let lock = try? FileLock(ifFree: path, .old) else { continue }
            unlink(path.string)
            lock.release()
        }
    }

    private var incoming: FilePath { root.appending("incoming") }
    private var kept: FilePath { root.appending("sha512") }

    /// A new file that is locked, so that nobody takes it for the remains of a crash.
    private func openIncoming() throws -> (FilePath, FileDescriptor) {
        while true {
            let path = incoming.appending(Hex.encode(SecureRandom.bytes(16)))
            let output = try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            guard flock(output.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
            // Somebody may have tidied up between the two calls.
            if exists(path) { return (path, output) }
            try output.close()
        }
    }

    private func receive(
        maximumLength: Int64, read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> IncomingArtifact {
        let writer = try begin(maximumLength: maximumLength)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try read(chunk)
            guard count > 0 else { break }
            try writer.write(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
        return try writer.finish()
    }
}

/// A file that arrived and has no place yet; it is gone with this value unless it was kept.
package final class IncomingArtifact: Sendable {
    package let path: FilePath
    /// Open for reading; its bytes are those that were hashed.
    package let descriptor: FileDescriptor
    /// In bytes.
    package let length: Int64
    package let sha512: Digest
    /// What npm calls `shasum`.
    package let sha1: Digest

    init(path: FilePath, descriptor: FileDescriptor, length: Int64, sha512: Digest, sha1: Digest) {
        self.path = path
        self.descriptor = descriptor
        self.length = length
        self.sha512 = sha512
        self.sha1 = sha1
    }

    deinit {
        unlink(path.string)
        try? descriptor.close()
    }
}
