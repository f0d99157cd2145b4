import Diagnostics

/// One 512-byte header of a tar (POSIX.1-1988 ustar, and GNU tar's variation of it), as far as the
/// guard needs it.
struct TarHeader {
    static let length = 512

    enum Dialect {
        case ustar
        case gnu
    }

    let dialect: Dialect
    /// The type flag, as written.
    let type: UInt8
    /// In bytes; not negative.
    let size: Int64
    /// The path of the header itself: `prefix/name` in ustar, the name in GNU's.
    let path: [UInt8]

    /// Reads a header that is not all zeros.
    ///
    /// - Parameters:
    ///   - block: 512 bytes.
    ///   - isFirst: Whether it is the first of the stream, so that what is wrong means "no tar".
    /// - Throws: `archive.not-tar`, `archive.header-checksum`, `archive.malformed`,
    ///   `archive.bad-size`.
    init(_ block: UnsafeRawBufferPointer, isFirst: Bool) throws(TarballError) {
        func field(_ range: Range<Int>) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: block[range])
        }

        // "ustar\0" "00" (POSIX) or "ustar " " \0" (GNU). Tars from before 1988 have neither: no
        // tool that makes packages writes them, and readers guess about their types.
        if field(257..<265).elementsEqual("ustar\u{0}00".utf8) {
            dialect = .ustar
        } else if field(257..<265).elementsEqual("ustar  \u{0}".utf8) {
            dialect = .gnu
        } else {
            throw TarballError(
                isFirst ? .archiveNotTar : .archiveMalformed,
                block.starts(with: [0x1F, 0x8B])
                    ? "There is another gzip file inside the gzip file."
                    : "A header has neither the magic of ustar nor of GNU tar.")
        }
        guard let stated = Self.octal(field(148..<156)), stated == Self.checksum(of: block) else {
            throw TarballError(
                isFirst ? .archiveNotTar : .archiveHeaderChecksum,
                "The checksum in a tar header does not fit.")
        }
        guard block[124] & 0x80 == 0, let size = Self.octal(field(124..<136)) else {
            throw TarballError(
                .archiveBadSize,
                "The size in the header of \(Self.shown(field(0..<100))) is not an octal number.")
        }
        self.size = size
        type = block[156]
        let name = Self.text(field(0..<100))
        let prefix = dialect == .ustar ? Self.text(field(345..<500)) : field(0..<0)
        if prefix.isEmpty {
            path = Array(name)
        } else {
            var path: [UInt8] = []
            path.reserveCapacity(256)
            path.append(contentsOf: prefix)
            path.append(UInt8(ascii: "/"))
            path.append(contentsOf: name)
            self.path = path
        }
    }

    static func isZero(_ block: UnsafeRawBufferPointer) -> Bool {
        block.withMemoryRebound(to: UInt64.self) { $0.allSatisfy { $0 == 0 } }
    }

    /// The sum of all bytes with the checksum's own field as spaces, unsigned as POSIX says; some
    /// tars from before took signed ones.
    private static func checksum(of block: UnsafeRawBufferPointer) -> Int64 {
        var sum: Int64 = 8 * 0x20
        for byte in block[0..<148] { sum += Int64(byte) }
        for byte in block[156..<512] { sum += Int64(byte) }
        return sum
    }

    /// An octal number as tars have it: spaces, digits, then spaces and NULs; at most 12 digits, so
    /// that it cannot overflow.
    ///
    /// An empty field is 0.
    private static func octal(_ field: UnsafeRawBufferPointer) -> Int64? {
        var rest = field.drop { $0 == 0x20 }
        var value: Int64 = 0
        while let byte = rest.first, (0x30...0x37).contains(byte) {
            value = value << 3 | Int64(byte - 0x30)
            rest = rest.dropFirst()
        }
        return rest.allSatisfy { $0 == 0x20 || $0 == 0 } ? value : nil
    }

    /// What stands before the first NUL.
    private static func text(_ field: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: field.prefix { $0 != 0 })
    }

    private static func shown(_ field: UnsafeRawBufferPointer) -> String {
        quoted(String(decoding: text(field), as: UTF8.self))
    }
}
