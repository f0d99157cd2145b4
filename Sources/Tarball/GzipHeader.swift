internal import CZlib
import Diagnostics

/// The header of a gzip member (RFC 1952 section 2.3), read for its end and checked, not kept.
enum GzipHeader {
    private static let headerCRC: UInt8 = 1 << 1
    private static let extra: UInt8 = 1 << 2
    private static let name: UInt8 = 1 << 3
    private static let comment: UInt8 = 1 << 4
    private static let reserved: UInt8 = 0b1110_0000
    private static let deflate: UInt8 = 8
    /// More than any program writes; a name without an end is not searched for longer.
    private static let maximumLength = 128 * 1024

    /// Reads past the header.
    ///
    /// - Parameter input: The tarball, at its first byte.
    /// - Throws: `archive.not-gzip`, `archive.gzip-malformed`, `archive.truncated`, `disk.io`.
    static func skip(in input: CompressedInput) throws(TarballError) {
        var bytes: [UInt8] = []
        func next() throws(TarballError) -> UInt8 {
            guard bytes.count < maximumLength else {
                throw TarballError(
                    .archiveGzipMalformed, "The gzip header has no end within 128 KiB.")
            }
            guard let byte = try input.nextByte() else {
                throw TarballError(
                    .archiveTruncated, "The file ends within the gzip header.")
            }
            bytes.append(byte)
            return byte
        }

        let magic = try input.peek(6)
        guard magic.starts(with: [0x1F, 0x8B]) else {
            throw TarballError(.archiveNotGzip, "The file is \(format(of: magic)), not gzip.")
        }
        for _ in 0..<10 { _ = try next() }
        guard bytes[2] == deflate else {
            throw TarballError(
                .archiveGzipMalformed, "The gzip header names compression method \(bytes[2]).")
        }
        let flags = bytes[3]
        guard flags & reserved == 0 else {
            throw TarballError(
                .archiveGzipMalformed, "The gzip header sets reserved flags (\(flags)).")
        }
        if flags & extra != 0 {
            let length = Int(try next()) | Int(try next()) << 8
            for _ in 0..<length { _ = try next() }
        }
        if flags & name != 0 { while try next() != 0 {} }
        if flags & comment != 0 { while try next() != 0 {} }
        if flags & headerCRC != 0 {
            let crc = bytes.withUnsafeBufferPointer {
                crc32(0, $0.baseAddress, UInt32($0.count)) & 0xFFFF
            }
            let stated = UInt(try next()) | UInt(try next()) << 8
            guard crc == stated else {
                throw TarballError(
                    .archiveGzipChecksum, "The checksum of the gzip header does not fit.")
            }
        }
    }

    /// What a file that is not gzip looks like, by its first bytes.
    private static func format(of magic: [UInt8]) -> String {
        let known: [(name: String, magic: [UInt8])] = [
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
            ("bzip2", Array("BZh".utf8)), ("zip", Array("PK".utf8)),
            ("cpio", Array("07070".utf8)), ("cpio", [0xC7, 0x71]), ("HTML or XML", [0x3C]),
        ]
        if magic.isEmpty { return "empty" }
        return known.first { magic.starts(with: $0.magic) }?.name ?? "of an unknown format"
    }
}
