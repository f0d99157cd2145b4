import Diagnostics
package import SystemPackage

/// The files of a tar that is not compressed, each where it lies: they can be read in any order.
///
/// Only what ``ArchiveWriter`` writes: regular files in ustar headers, two blocks of zeros, the end.
/// The headers are read and nothing else; nobody has verified a byte.
package struct SeekableTar: Sendable {
    /// One file.
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// Where its content begins, in bytes from the beginning of the tar.
        package let offset: Int64
        /// In bytes.
        package let length: Int64
    }

    /// In the tar's order.
    package let entries: [Entry]

    /// Walks over the headers.
    ///
    /// - Parameters:
    ///   - file: open for reading; its own position stays where it is
    ///   - size: of the file, in bytes
    ///   - maximumEntries: more are refused
    /// - Throws: `archive.not-tar`, `archive.truncated`, `archive.header-checksum`,
    ///   `archive.malformed`, `archive.bad-size`, `archive.unknown-type`,
    ///   `archive.trailing-data`, `archive.too-many-files`; `disk.io`.
    package init(
        _ file: FileDescriptor, size: Int64, maximumEntries: Int
    ) throws(TarballError) {
        let block = UnsafeMutableRawBufferPointer.allocate(
            byteCount: TarHeader.length, alignment: 16)
        defer { block.deallocate() }
        var entries: [Entry] = []
        var offset: Int64 = 0
        while true {
            try Self.read(file, at: offset, of: size, into: block)
            offset += Int64(block.count)
            if TarHeader.isZero(UnsafeRawBufferPointer(block)), !entries.isEmpty { break }
            guard !entries.isEmpty || !block.starts(with: [0x1F, 0x8B]) else {
                throw TarballError(.archiveNotTar, "It is compressed with gzip.")
            }
            let header = try TarHeader(UnsafeRawBufferPointer(block), isFirst: entries.isEmpty)
            let name = String(decoding: header.path, as: UTF8.self)
            guard header.dialect == .ustar, header.type == UInt8(ascii: "0") else {
                throw TarballError(
                    .archiveUnknownType, "The entry \(quoted(name)) is no plain file.")
            }
            guard entries.count < maximumEntries else {
                throw TarballError(
                    .archiveTooManyFiles, "There are more than \(maximumEntries) files.")
            }
            entries.append(Entry(name: name, offset: offset, length: header.size))
            // At most 12 octal digits and what a disk holds: the sum cannot overflow.
            offset += (header.size + 511) / 512 * 512
            guard offset <= size else {
                throw TarballError(
                    .archiveTruncated,
                    "The file ends at \(size) bytes, within \(quoted(name)): \(offset) are needed.")
            }
        }
        try Self.read(file, at: offset, of: size, into: block)
        guard TarHeader.isZero(UnsafeRawBufferPointer(block)) else {
            throw TarballError(.archiveMalformed, "Only one block of zeros marks the end.")
        }
        guard offset + Int64(block.count) == size else {
            throw TarballError(
                .archiveTrailingData,
                "\(size - offset - Int64(block.count)) bytes follow the end of the tar.")
        }
        self.entries = entries
    }

    private static func read(
        _ file: FileDescriptor, at offset: Int64, of size: Int64,
        into block: UnsafeMutableRawBufferPointer
    ) throws(TarballError) {
        guard offset + Int64(block.count) <= size else {
            throw TarballError(
                .archiveTruncated, "The file ends at \(size) bytes, before the end of the tar.")
        }
        do {
            guard try file.read(fromAbsoluteOffset: offset, into: block) == block.count else {
                throw Errno.ioError
            }
        } catch {
            throw TarballError("read the tar", failedWith: error as? Errno ?? .ioError)
        }
    }
}
