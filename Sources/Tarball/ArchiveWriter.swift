internal import CArchive
import Diagnostics
package import SystemPackage

/// Writes a tar into a descriptor, plain or in one gzip member, as its content comes.
///
/// Owns one `struct archive *`; the descriptor stays the caller's, and what it does with a file that
/// is not ``finish()``ed as well. The same entries give the same bytes: no owner, no time but what
/// is said, and none in the gzip header.
package final class ArchiveWriter {
    /// What stands around the tar.
    package enum Compression: Sendable {
        case none
        case gzip
    }

    private let archive: OpaquePointer

    /// Begins an archive.
    ///
    /// - Parameters:
    ///   - output: where it is written, from the descriptor's position on
    ///   - compression: what stands around the tar
    /// - Throws: `unexpected` when libarchive refuses.
    package init(
        _ output: FileDescriptor, compression: Compression = .none
    ) throws(TarballError) {
        try requireLibarchive()
        guard let archive = loaded_archive_write_new() else {
            throw TarballError(.unexpected, "libarchive cannot start (archive_write_new).")
        }
        self.archive = archive
        // ustar, and pax records only for what ustar cannot say: a file of 8 GiB, a long path.
        try check(loaded_archive_write_set_format_pax_restricted(archive))
        if compression == .gzip {
            try check(loaded_archive_write_add_filter_gzip(archive))
            try check(loaded_archive_write_set_filter_option(archive, "gzip", "timestamp", nil))
        }
        try check(loaded_archive_write_set_bytes_per_block(archive, Self.blockBytes))
        // 1: the last block is not padded, into a pipe neither.
        try check(loaded_archive_write_set_bytes_in_last_block(archive, 1))
        try check(loaded_archive_write_open_fd(archive, output.rawValue))
    }

    deinit {
        // Freeing would end an archive that is cut off as if it were whole.
        loaded_archive_write_fail(archive)
        loaded_archive_write_free(archive)
    }

    private static let blockBytes: Int32 = 128 << 10

    /// Writes one file.
    ///
    /// - Parameters:
    ///   - path: relative, with slashes
    ///   - content: all of it
    ///   - mode: its permissions
    ///   - modificationSeconds: seconds since 1970
    /// - Throws: `disk.*`
    package func add(
        _ path: String, _ content: [UInt8], mode: FilePermissions = [.ownerReadWrite],
        modificationSeconds: Int64 = 0
    ) throws(TarballError) {
        try begin(
            path, size: Int64(content.count), mode: mode, modificationSeconds: modificationSeconds)
        var rest = content[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                loaded_archive_write_data(archive, $0.baseAddress, $0.count)
            }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes one file whose content is read from a descriptor, a block at a time.
    ///
    /// - Parameters:
    ///   - path: relative, with slashes
    ///   - content: is read from its beginning; its own position stays where it is
    ///   - size: how many bytes the archive says that it has
    ///   - mode: its permissions
    ///   - modificationSeconds: seconds since 1970
    /// - Throws: `disk.*`; `disk.io` also when there is less to read than `size`.
    package func add(
        _ path: String, from content: FileDescriptor, size: Int64,
        mode: FilePermissions = [.ownerReadWrite], modificationSeconds: Int64 = 0
    ) throws(TarballError) {
        try begin(path, size: size, mode: mode, modificationSeconds: modificationSeconds)
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(Self.blockBytes), alignment: 16)
        defer { block.deallocate() }
        var offset: Int64 = 0
        while offset < size {
            let wanted = UnsafeMutableRawBufferPointer(
                rebasing: block.prefix(Int(min(Int64(block.count), size - offset))))
            let count: Int
            do {
                count = try content.read(fromAbsoluteOffset: offset, into: wanted)
            } catch {
                let errno = error as? Errno ?? .ioError
                throw TarballError("read what becomes \(quoted(path))", failedWith: errno)
            }
            guard count > 0 else {
                throw TarballError(
                    .diskIO,
                    "What becomes \(quoted(path)) has \(offset) bytes and was to have \(size).")
            }
            guard loaded_archive_write_data(archive, wanted.baseAddress, count) == count else {
                throw failure(path)
            }
            offset += Int64(count)
        }
    }

    /// Writes the end of the archive; only then is it whole.
    ///
    /// - Throws: `disk.*`
    package func finish() throws(TarballError) {
        try check(loaded_archive_write_close(archive))
    }

    private func begin(
        _ path: String, size: Int64, mode: FilePermissions, modificationSeconds: Int64
    ) throws(TarballError) {
        guard let entry = loaded_archive_entry_new() else {
            throw TarballError(.unexpected, "libarchive cannot start (archive_entry_new).")
        }
        defer { loaded_archive_entry_free(entry) }
        loaded_archive_entry_set_pathname_utf8(entry, path)
        loaded_archive_entry_set_filetype(entry, ae_ifreg())
        loaded_archive_entry_set_perm(entry, mode.rawValue)
        loaded_archive_entry_set_size(entry, size)
        loaded_archive_entry_set_mtime(entry, Int(modificationSeconds), 0)
        try UTF8Locale.system.with { () throws(TarballError) in
            guard loaded_archive_write_header(archive, entry) == ARCHIVE_OK else {
                throw failure(path)
            }
        }
    }

    private func check(_ code: Int32) throws(TarballError) {
        guard code == ARCHIVE_OK else { throw failure(nil) }
    }

    /// What libarchive says: the system call's own error when it was one.
    private func failure(_ path: String?) -> TarballError {
        let subject = path.map { "write \(quoted($0)) into the archive" } ?? "write the archive"
        let number = loaded_archive_errno(archive)
        guard number <= 0 else { return TarballError(subject, failedWith: Errno(rawValue: number)) }
        let reason = loaded_archive_error_string(archive).map { String(cString: $0) } ?? "no reason"
        return TarballError(.unexpected, "Could not \(subject): \(reason).")
    }
}
