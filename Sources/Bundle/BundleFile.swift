import CanonicalJSON
import Cryptography
import Diagnostics
import Glibc
package import SystemPackage
import Tarball

/// A `.tgbundle` that is open: a plain tar of `index.json` and the files that it lists, in its order,
/// each under its hash, and nothing else.
///
/// Nothing that it hands out is trusted: its bytes have the hash that the index lists, and the index
/// is ``index``, unverified. Read as they are asked for, so that a bundle may be of any size.
package final class BundleFile: Sendable {
    /// What the first file in it is called.
    static let indexName = "index.json"

    package let path: FilePath
    package let index: UnverifiedBundleIndex
    private let file: FileDescriptor
    private let offsets: [Digest: Int64]
    private let files: [String: BundleContents.File]

    /// Opens a bundle and looks whether everything that its index lists is in it.
    ///
    /// - Throws: ``BundleError`` `bundle.format`, `bundle.truncated`, `disk.*`.
    package init(opening path: FilePath) throws(BundleError) {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw BundleError("open the bundle", path, error)
        }
        do throws(BundleError) {
            let tar = try Self.entries(of: file, path)
            let index = try Self.index(in: file, tar, path)
            self.offsets = try Self.offsets(index.claimed.contents, tar, path)
            self.index = index
        } catch {
            try? file.close()
            throw error
        }
        self.path = path
        self.file = file
        files = Dictionary(
            index.claimed.contents.files.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    }

    deinit { try? file.close() }

    /// What the index says of a file; nil when the bundle does not have it.
    package subscript(path: String) -> BundleContents.File? { files[path] }

    /// Whether the earlier bundle, which this is a difference to, has a file.
    private func omits(_ path: String) -> Bool {
        index.claimed.contents.omitted.contains { $0.path == path }
    }

    /// The bytes of a small file, or nil when the bundle does not have it.
    ///
    /// - Throws: ``BundleError`` `bundle.changed`, `bundle.format` for one that is longer than it may
    ///   be, `disk.*`.
    package func bytes(of path: String, maximumLength: Int) throws -> [UInt8]? {
        guard let listed = files[path] else { return nil }
        guard listed.length <= maximumLength else {
            throw BundleError(
                .bundleFormat,
                "\(quoted(path)) in \(self.path) has \(listed.length) bytes; it may have \(maximumLength)."
            )
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(listed.length))
        try read(listed) { bytes += $0 }
        return bytes
    }

    /// Hands out a file's content from its beginning, in pieces; the last only when all of it has the
    /// hash that the index lists.
    ///
    /// - Parameters:
    ///   - listed: a file of this bundle
    ///   - take: takes each piece, which is valid during the call
    /// - Throws: ``BundleError`` `bundle.changed`, `disk.*`; what `take` throws.
    package func read(
        _ listed: BundleContents.File, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let start = offsets[listed.sha512] else {
            throw lacks(listed.path, called: listed.path)
        }
        var digest = RunningDigest(.sha512)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { block.deallocate() }
        var done: Int64 = 0
        while true {
            let piece = try next(of: listed, at: start, after: done, into: block)
            digest.update(piece)
            done += Int64(piece.count)
            guard done == listed.length else {
                try take(piece)
                continue
            }
            let found = digest.finish()
            guard found == listed.sha512 else { throw changed(listed, found: found) }
            return try take(piece)
        }
    }

    /// The next bytes of a file; none only of an empty one.
    private func next(
        of listed: BundleContents.File, at start: Int64, after done: Int64,
        into block: UnsafeMutableRawBufferPointer
    ) throws(BundleError) -> UnsafeRawBufferPointer {
        let wanted = UnsafeMutableRawBufferPointer(
            rebasing: block.prefix(Int(min(Int64(block.count), listed.length - done))))
        let count: Int
        do {
            count = try file.read(fromAbsoluteOffset: start + done, into: wanted)
        } catch {
            throw BundleError("read", path, error)
        }
        guard count > 0 || listed.length == 0 else {
            throw BundleError(.bundleTruncated, "\(path) became shorter while it was read.")
        }
        return UnsafeRawBufferPointer(rebasing: wanted[..<count])
    }

    private func changed(_ listed: BundleContents.File, found: Digest) -> BundleError {
        BundleError(
            .bundleChanged,
            """
            \(quoted(listed.path)) in \(path) has the SHA-512 \(found.hex.prefix(16))…; its index \
            lists \(listed.sha512.hex.prefix(16))….
            """)
    }

    /// That a file is not in the bundle, and what may help.
    ///
    /// - Parameters:
    ///   - path: as the index would list it
    ///   - name: what people call it
    /// - Returns: the failure, `bundle.lacks-file`
    package func lacks(_ path: String, called name: String) -> BundleError {
        guard omits(path), let base = index.claimed.contents.base else {
            return BundleError(.bundleLacksFile, "\(self.path) does not have \(name).")
        }
        return BundleError(
            .bundleLacksFile,
            """
            \(self.path) is a difference to the bundle of \(base.created.wireText), which has \
            \(name).
            """,
            remedy:
                "Run `pkg download-pro --from` with the bundle of \(base.created.wireText) first.")
    }

    // MARK: The tar

    private static func entries(
        of file: FileDescriptor, _ path: FilePath
    ) throws(BundleError) -> [SeekableTar.Entry] {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BundleError(
                .bundleFormat, "\(path) is no file.", remedy: "Name a .tgbundle file on a disk.")
        }
        do throws(TarballError) {
            return try SeekableTar(
                file, size: Int64(status.st_size),
                maximumEntries: BundleContents.maximumFiles + 1
            ).entries
        } catch {
            let code: FailureCode =
                switch error.code {
                case .archiveTruncated: .bundleTruncated
                case _ where error.code.exitStatus == .local: error.code
                default: .bundleFormat
                }
            throw BundleError(code, "\(path): \(error.message)")
        }
    }

    private static func index(
        in file: FileDescriptor, _ tar: [SeekableTar.Entry], _ path: FilePath
    ) throws(BundleError) -> UnverifiedBundleIndex {
        guard let entry = tar.first, entry.name == indexName else {
            throw BundleError(.bundleFormat, "\(path) does not begin with \(indexName).")
        }
        guard entry.length <= UnverifiedBundleIndex.maximumBytes else {
            throw BundleError(
                .bundleFormat,
                """
                The index of \(path) has \(entry.length) bytes; it may have \
                \(UnverifiedBundleIndex.maximumBytes).
                """)
        }
        var bytes = [UInt8](repeating: 0, count: Int(entry.length))
        do {
            let count = try bytes.withUnsafeMutableBytes {
                try file.read(fromAbsoluteOffset: entry.offset, into: $0)
            }
            guard count == bytes.count else { throw Errno.ioError }
        } catch {
            throw BundleError("read", path, error)
        }
        return try UnverifiedBundleIndex(bytes)
    }

    /// Where each file lies; the tar has those that the index lists, in its order, and no other.
    private static func offsets(
        _ contents: BundleContents, _ tar: [SeekableTar.Entry], _ path: FilePath
    ) throws(BundleError) -> [Digest: Int64] {
        var offsets: [Digest: Int64] = [:]
        var entries = tar.dropFirst()
        for listed in contents.files where offsets[listed.sha512] == nil {
            guard let entry = entries.popFirst(), entry.name == listed.entryName,
                entry.length == listed.length
            else {
                throw BundleError(
                    .bundleFormat,
                    "\(path) does not have \(quoted(listed.path)) where its index lists it.")
            }
            offsets[listed.sha512] = entry.offset
        }
        if let extra = entries.first {
            throw BundleError(
                .bundleFormat, "\(path) has \(quoted(extra.name)), which its index does not list.")
        }
        return offsets
    }
}
