import Diagnostics
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The bytes of the tarball, read from the descriptor that was verified, 64 KiB at a time.
///
/// `pread` at our own offset: the descriptor's own position is shared with whoever else holds it.
final class CompressedInput {
    private let descriptor: FileDescriptor
    /// Of the whole file, as verified.
    let length: Int64
    private var offset: Int64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 64 * 1024, alignment: 16)
    private var unread = 0..<0

    /// Reads from the first byte; the descriptor stays the caller's.
    init(_ descriptor: FileDescriptor, length: Int64) {
        self.descriptor = descriptor
        self.length = length
    }

    deinit { buffer.deallocate() }

    /// What was read and not consumed, after reading on when there is nothing.
    ///
    /// - Returns: At least one byte, or none at the end. Valid until the next call.
    /// - Throws: `disk.io`; `archive.truncated` when the file has become shorter.
    func available() throws(TarballError) -> UnsafeRawBufferPointer {
        if unread.isEmpty && offset < length {
            let count = try read(at: offset)
            offset += Int64(count)
            unread = 0..<count
        }
        return UnsafeRawBufferPointer(rebasing: buffer[unread])
    }

    /// Takes bytes away from what ``available()`` gave.
    func consume(_ count: Int) {
        unread = (unread.lowerBound + count)..<unread.upperBound
    }

    func nextByte() throws(TarballError) -> UInt8? {
        guard let byte = try available().first else { return nil }
        consume(1)
        return byte
    }

    /// The first bytes, not consumed: fewer when the file is shorter.
    func peek(_ count: Int) throws(TarballError) -> [UInt8] {
        Array(try available().prefix(count))
    }

    private func read(at offset: Int64) throws(TarballError) -> Int {
        let wanted = Int(min(Int64(buffer.count), length - offset))
        while true {
            let count = pread(descriptor.rawValue, buffer.baseAddress, wanted, off_t(offset))
            if count > 0 { return count }
            guard count < 0 else {
                throw TarballError(
                    .archiveTruncated,
                    "The tarball had \(length) bytes when it was verified and now has \(offset).")
            }
            guard errno == EINTR else {
                throw TarballError("read the tarball", failedWith: Errno(rawValue: errno))
            }
        }
    }
}
