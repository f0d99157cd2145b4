internal import Cryptography
import Diagnostics
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A tarball whose length and SHA-512 are the signed ones.
///
/// It owns the descriptor whose bytes were hashed and reads only from it, so that nobody can put
/// another file in its place in between. All calls block; call them on a thread of your own.
package struct VerifiedTarball: ~Copyable, Sendable {
    private let descriptor: FileDescriptor
    private let length: Int64

    /// Takes an open file as it is, for ``UnverifiedTarball`` alone, which checks what this does
    /// not.
    ///
    /// Takes the descriptor over.
    init(unchecked descriptor: FileDescriptor, length: Int64) {
        self.descriptor = descriptor
        self.length = length
    }

    /// Takes an upload, whose bytes the caller wrote and hashed on their way to the disk.
    ///
    /// Nobody has signed it yet, and to hash it once more would prove nothing.
    ///
    /// - Parameters:
    ///   - descriptor: that the bytes were written through; it stays the caller's
    ///   - length: how many were written
    /// - Throws: `disk.*`.
    package init(hashedWhileWritten descriptor: FileDescriptor, length: Int64) throws(TarballError)
    {
        do {
            self.descriptor = try descriptor.duplicate()
        } catch {
            throw TarballError(
                "open the tarball again", failedWith: (error as? Errno) ?? .ioError)
        }
        self.length = length
    }

    deinit { try? descriptor.close() }

    /// Reads the whole package under every rule and writes nothing.
    ///
    /// - Parameter limits: What was signed, or the maxima for an upload.
    /// - Returns: What it holds.
    /// - Throws: `archive.*` by the rule that is broken; `disk.io` from reading.
    package func inspect(limits: ContentLimits) throws(TarballError) -> TarballContents {
        try inspect(limits: limits, library: .best)
    }

    /// Writes the package's content, without its top folder, below `folder`.
    ///
    /// Files get the mode 0644 or 0755 and their modification time from the archive, folders 0755;
    /// nothing else of the archive's metadata is taken. Nothing is synced: the caller does that once
    /// for all packages. After a failure everything below `folder` has been removed again, and the
    /// empty `folder` itself is left to the caller.
    ///
    /// - Parameters:
    ///   - folder: An empty folder, open; stays the caller's.
    ///   - limits: What was signed.
    ///   - identity: What package.json must say.
    /// - Returns: Every file as written, in the order of the archive.
    /// - Throws: `archive.*` by the rule that is broken; `disk.*`; `disk.unexpected-file` when the
    ///   folder is not empty, which is then left as it is.
    package func unpack(
        into folder: FileDescriptor, limits: ContentLimits, expecting identity: PackageIdentity
    ) throws(TarballError) -> [UnpackedFile] {
        try unpack(into: folder, limits: limits, expecting: identity, library: .best)
    }

    func inspect(
        limits: ContentLimits, library: InflateLibrary
    ) throws(TarballError) -> TarballContents {
        try PackageReader.read(
            CompressedInput(descriptor, length: length), limits: limits, library: library,
            into: DiscardedEntries())
    }

    func unpack(
        into folder: FileDescriptor, limits: ContentLimits, expecting identity: PackageIdentity,
        library: InflateLibrary
    ) throws(TarballError) -> [UnpackedFile] {
        let staging = StagingFolder(folder)
        try staging.checkIsEmpty()
        do {
            let contents = try PackageReader.read(
                CompressedInput(descriptor, length: length), limits: limits, library: library,
                into: staging)
            try identity.check(contents.identity)
            return staging.files
        } catch {
            staging.removeContent()
            throw error
        }
    }

    /// Length and SHA-512 of the open file, read to its end but for one that is too long.
    ///
    /// - Throws: `trust.length` when it is no regular file of the expected length; `disk.*`.
    func measure() throws(TarballError) -> Digest {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else {
            throw TarballError("look at the tarball", failedWith: Errno(rawValue: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TarballError(.trustLength, "The tarball is not a regular file.")
        }
        guard Int64(status.st_size) == length else {
            throw TarballError(
                .trustLength, "The tarball has \(status.st_size) bytes; signed are \(length).")
        }
        let input = CompressedInput(descriptor, length: length)
        var digest = RunningDigest(.sha512)
        while true {
            let bytes = try input.available()
            guard !bytes.isEmpty else { return digest.finish() }
            digest.update(bytes)
            input.consume(bytes.count)
        }
    }
}

/// Reads every file to its end and keeps nothing.
private final class DiscardedEntries: EntryDestination {
    func makeFolder(_ path: String) {}

    func receive(_ file: PackageFile, _ content: borrowing EntryContent) throws(TarballError) {
        while try content.nextBlock() != nil {}
    }
}
