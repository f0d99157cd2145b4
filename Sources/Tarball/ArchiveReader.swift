internal import CArchive
import Diagnostics

/// One entry that both readers agree about.
struct ArchiveEntry {
    let guarded: GuardedEntry
    /// Whether the owner may execute it.
    let isExecutable: Bool
    /// Seconds since 1970.
    let modificationSeconds: Int64
}

/// Decodes the tar by libarchive.
///
/// Owns one `struct archive *`.
///
/// Only the tar reader is enabled, and no filter. Any code but `ARCHIVE_OK` and `ARCHIVE_EOF` is
/// fatal, `ARCHIVE_WARN` too: it means that libarchive has guessed. The one exception are systems
/// without a UTF-8 locale, where it warns about each name in a pax record that is not ASCII and then
/// gives it as it stands; path, type and size must agree with the guard's all the same.
final class ArchiveReader {
    private let archive: OpaquePointer
    private let stream: TarStream
    private let hasUTF8Locale: Bool
    private var path = ""
    /// Of the current entry's content, and how much of it has come.
    private var size: Int64 = 0
    private var consumed: Int64 = 0

    init(_ stream: TarStream, hasUTF8Locale: Bool) throws(TarballError) {
        try requireLibarchive()
        guard let archive = loaded_archive_read_new() else {
            throw TarballError(.unexpected, "libarchive cannot start (archive_read_new).")
        }
        self.archive = archive
        self.stream = stream
        self.hasUTF8Locale = hasUTF8Locale
        try check(loaded_archive_read_support_format_tar(archive))
        try check(
            loaded_archive_read_open2(
                archive, Unmanaged.passUnretained(stream).toOpaque(), nil, readTarStream, nil,
                nil))
    }

    deinit { loaded_archive_read_free(archive) }

    /// Goes to the next entry.
    ///
    /// - Returns: The entry, or nil after the last one, when the whole file has been read and found
    ///   to end as it must.
    func nextEntry() throws(TarballError) -> ArchiveEntry? {
        var entry: OpaquePointer?
        guard try check(loaded_archive_read_next_header(archive, &entry)), let entry else {
            try stream.finish()
            guard stream.nextGuardedEntry() == nil else { throw disagreement("the end") }
            return nil
        }
        guard let guarded = stream.nextGuardedEntry() else { throw disagreement("an entry") }
        path = guarded.path
        try compare(guarded, with: entry)
        size = guarded.size
        consumed = 0
        return ArchiveEntry(
            guarded: guarded,
            isExecutable: loaded_archive_entry_perm(entry) & 0o100 != 0,
            modificationSeconds: Int64(loaded_archive_entry_mtime(entry)))
    }

    /// The next bytes of the current entry's content, in order and without holes.
    ///
    /// - Returns: The bytes, valid until the next call, or nil when all have come.
    func nextBlock() throws(TarballError) -> UnsafeRawBufferPointer? {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        repeat {
            guard try check(loaded_archive_read_data_block(archive, &start, &count, &offset)) else {
                guard consumed == size else { throw disagreement("the length of the content") }
                return nil
            }
        } while count == 0
        guard offset == consumed, Int64(count) <= size - consumed else {
            throw disagreement("the place of the content")
        }
        consumed += Int64(count)
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    private func compare(
        _ guarded: GuardedEntry, with entry: OpaquePointer
    ) throws(TarballError) {
        let type = guarded.kind == .file ? ae_ifreg() : ae_ifdir()
        guard UInt32(loaded_archive_entry_filetype(entry)) == type,
            loaded_archive_entry_hardlink(entry) == nil, loaded_archive_entry_symlink(entry) == nil
        else { throw disagreement("the type") }
        guard loaded_archive_entry_size(entry) == guarded.size,
            loaded_archive_entry_sparse_count(entry) == 0
        else { throw disagreement("the size") }
        // libarchive makes names from pax records NFC; Strings compare by canonical equivalence.
        guard let name = loaded_archive_entry_pathname(entry), String(cString: name) == guarded.path
        else { throw disagreement("the path") }
    }

    /// Judges a return code.
    ///
    /// - Returns: True for `ARCHIVE_OK`, false for `ARCHIVE_EOF`.
    /// - Throws: What the stream threw, or `archive.malformed`.
    @discardableResult
    private func check(_ code: Int32) throws(TarballError) -> Bool {
        switch code {
        case ARCHIVE_OK: return true
        case ARCHIVE_WARN where !hasUTF8Locale:
            try stream.rethrow()
            return true
        case ARCHIVE_EOF:
            try stream.rethrow()
            return false
        default:
            try stream.rethrow()
            let reason =
                loaded_archive_error_string(archive).map { String(cString: $0) } ?? "no reason"
            throw TarballError(
                .archiveMalformed, "libarchive stops with code \(code): \(reason).")
        }
    }

    private func disagreement(_ subject: String) -> TarballError {
        TarballError(
            .archiveMalformed,
            "Two ways to read the tar disagree about \(subject) at \(quoted(path)).")
    }
}
