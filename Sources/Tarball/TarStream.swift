internal import CArchive
import Diagnostics

/// What libarchive reads: inflated bytes, each chunk looked at by the guard before it is handed on.
///
/// One buffer, filled anew by each call; libarchive's data blocks point into it, so nothing is
/// copied on the way to the disk.
final class TarStream {
    /// Several files of the usual size in one go, and small beside the rest of the process.
    private static let chunkLength = 128 * 1024

    private let gzip: GzipReader
    private let chunk = UnsafeMutableRawBufferPointer.allocate(
        byteCount: chunkLength, alignment: 4096)
    private var tarGuard: TarHeaderGuard
    private var isAtEnd = false
    /// What was thrown in libarchive's callback; it wins over whatever libarchive makes of it.
    private var failure: TarballError?

    init(_ gzip: GzipReader, limits: ContentLimits) {
        self.gzip = gzip
        tarGuard = TarHeaderGuard(limits: limits)
    }

    deinit { chunk.deallocate() }

    /// The guard's view of the next entry, or nil.
    func nextGuardedEntry() -> GuardedEntry? {
        tarGuard.nextEntry()
    }

    /// Throws what went wrong while libarchive was reading.
    func rethrow() throws(TarballError) {
        if let failure { throw failure }
    }

    /// Reads what libarchive leaves: the zeros at the end, the gzip trailer, and the proof that
    /// nothing follows.
    func finish() throws(TarballError) {
        while !isAtEnd { _ = try nextChunk() }
    }

    private func nextChunk() throws(TarballError) -> UnsafeRawBufferPointer {
        guard !isAtEnd else { return UnsafeRawBufferPointer(rebasing: chunk[..<0]) }
        let count = try gzip.fill(chunk)
        let filled = UnsafeRawBufferPointer(rebasing: chunk[..<count])
        try tarGuard.inspect(filled)
        if count < chunk.count {
            isAtEnd = true
            try tarGuard.finish()
        }
        return filled
    }

    /// What `archive_read_callback` must do: a chunk, 0 bytes at the end, or `ARCHIVE_FATAL`.
    fileprivate func supply(
        _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>, to archive: OpaquePointer?
    ) -> Int {
        do throws(TarballError) {
            let chunk = try nextChunk()
            buffer.pointee = chunk.baseAddress
            return chunk.count
        } catch {
            failure = error
            loaded_archive_set_error(archive, error.message)
            return Int(ARCHIVE_FATAL)
        }
    }
}

/// Supplies libarchive with the next chunk: an `archive_read_callback`.
///
/// The client data is a ``TarStream``, unretained: ``ArchiveReader`` holds it for as long as the
/// archive is open.
func readTarStream(
    archive: OpaquePointer?, client: UnsafeMutableRawPointer?,
    buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let client, let buffer else { return Int(ARCHIVE_FATAL) }
    return Unmanaged<TarStream>.fromOpaque(client).takeUnretainedValue()
        .supply(buffer, to: archive)
}
