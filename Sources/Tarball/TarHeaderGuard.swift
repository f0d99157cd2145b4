import Diagnostics

/// What the guard has found out about one entry, to be compared with what libarchive says.
struct GuardedEntry {
    enum Kind {
        case file
        case folder
    }

    let kind: Kind
    /// As in the archive: a folder's may end with a slash.
    let path: String
    let size: Int64
}

/// Our own strict pass over the tar, on the bytes that libarchive is about to read.
///
/// libarchive is made to read whatever it can: it joins, normalizes and overlooks what two programs
/// could understand differently. So every block passes here first, and what is not plain is refused:
/// types but file and folder, sizes but octal ones, sparse files, global and doubled extended
/// headers, records that contradict the header, a missing end, data after it. Afterwards both must
/// agree about each entry's path, type and size (``ArchiveReader``).
struct TarHeaderGuard {
    private enum State {
        /// A header or the first block of zeros comes next.
        case header
        /// Content of a file, or of an extended header that is collected.
        case content(blocks: Int64)
        /// The blocks of zeros that end the tar; only more of them may follow.
        case ended(blocks: Int)
    }

    private enum Extension {
        case pax
        case longName
    }

    /// More than any name that we accept, and small enough to hold.
    private static let maximumExtensionLength = PAXRecords.maximumLength

    private let limits: ContentLimits
    private var state: State = .header
    private var isFirst = true
    /// The extended header whose body is being collected, with its length.
    private var collecting: (kind: Extension, length: Int)?
    private var body: [UInt8] = []
    /// What an extended header said about the entry that must come next.
    private var pax: PAXRecords?
    private var longName: [UInt8]?
    /// Found and not yet taken: never more than one chunk holds.
    private var found: [GuardedEntry] = []
    private var taken = 0

    init(limits: ContentLimits) {
        self.limits = limits
    }

    /// The next entry whose header has passed, or nil.
    mutating func nextEntry() -> GuardedEntry? {
        guard taken < found.count else { return nil }
        defer {
            taken += 1
            if taken == found.count {
                found.removeAll(keepingCapacity: true)
                taken = 0
            }
        }
        return found[taken]
    }

    /// Looks at the next part of the tar.
    ///
    /// - Parameter chunk: Whole blocks; only at the end of the stream may there be less.
    /// - Throws: The code of the rule that is broken.
    mutating func inspect(_ chunk: UnsafeRawBufferPointer) throws(TarballError) {
        var rest = chunk
        while rest.count >= TarHeader.length {
            var length = TarHeader.length
            if case .content(let blocks) = state {
                length = Int(min(blocks, Int64(rest.count / TarHeader.length))) * length
            }
            try inspect(blocks: UnsafeRawBufferPointer(rebasing: rest[..<length]))
            rest = UnsafeRawBufferPointer(rebasing: rest[length...])
        }
        guard rest.isEmpty else {
            throw TarballError(
                isFirst ? .archiveNotTar : .archiveTruncated,
                "The tar is not a multiple of 512 bytes long.")
        }
    }

    /// Says that the stream has ended.
    ///
    /// POSIX ends a tar by two blocks of zeros, and so do all tools that make packages. One block or
    /// none is what a tar looks like that was cut at the right place.
    ///
    /// - Throws: `archive.truncated`, `archive.not-tar` for no byte at all.
    func finish() throws(TarballError) {
        if case .ended(let blocks) = state, blocks >= 2 { return }
        throw TarballError(
            isFirst ? .archiveNotTar : .archiveTruncated,
            "The tar ends without the two blocks of zeros.")
    }

    private mutating func inspect(blocks: UnsafeRawBufferPointer) throws(TarballError) {
        switch state {
        case .header:
            guard !TarHeader.isZero(blocks) else {
                state = .ended(blocks: 1)
                isFirst = false
                return try refuseDanglingExtension()
            }
            let header = try TarHeader(blocks, isFirst: isFirst)
            isFirst = false
            try accept(header)
        case .content(let remaining):
            if collecting != nil { body.append(contentsOf: blocks) }
            let left = remaining - Int64(blocks.count / TarHeader.length)
            state = left == 0 ? .header : .content(blocks: left)
            if left == 0 { try finishExtension() }
        case .ended(let count):
            guard TarHeader.isZero(blocks) else {
                throw TarballError(
                    .archiveTrailingData, "Data follows the blocks of zeros that end the tar.")
            }
            state = .ended(blocks: min(count + 1, 2))
        }
    }

    private mutating func accept(_ header: TarHeader) throws(TarballError) {
        switch header.type {
        case UInt8(ascii: "x"): try begin(.pax, header)
        case UInt8(ascii: "L"): try begin(.longName, header)
        case UInt8(ascii: "0"), 0: try accept(header, as: .file)
        case UInt8(ascii: "5"): try accept(header, as: .folder)
        default:
            let path = quoted(String(decoding: longName ?? pax?.path ?? header.path, as: UTF8.self))
            throw TarballError(Self.code(ofType: header.type), Self.sentence(header.type, path))
        }
    }

    private mutating func begin(
        _ kind: Extension, _ header: TarHeader
    ) throws(TarballError) {
        // Two for one entry, of one kind or of both: readers differ in which one wins.
        try refuseDanglingExtension()
        guard header.size <= Self.maximumExtensionLength else {
            throw TarballError(
                .archivePaxTooLarge,
                "An extended header has \(header.size) bytes; 1 MiB is allowed.")
        }
        guard header.size > 0 else {
            throw TarballError(.archivePaxMalformed, "An extended header is empty.")
        }
        collecting = (kind, Int(header.size))
        state = .content(blocks: Self.blocks(header.size))
    }

    private mutating func finishExtension() throws(TarballError) {
        guard let (kind, length) = collecting else { return }
        let bytes = Array(body.prefix(length))
        collecting = nil
        body.removeAll(keepingCapacity: body.capacity <= 64 * 1024)
        switch kind {
        case .pax: pax = try PAXRecords(bytes)
        case .longName:
            // GNU tar counts one NUL at the end; none and more of them have been seen.
            let name = bytes.prefix { $0 != 0 }
            guard !name.isEmpty, bytes[name.count...].allSatisfy({ $0 == 0 }) else {
                throw TarballError(
                    .archivePathInvalid, "A long name is empty or has a NUL within.")
            }
            longName = Array(name)
        }
    }

    private mutating func accept(
        _ header: TarHeader, as kind: GuardedEntry.Kind
    ) throws(TarballError) {
        let bytes = longName ?? pax?.path ?? header.path
        guard let path = String(validating: bytes, as: UTF8.self) else {
            throw TarballError(
                .archivePathInvalid,
                "The path \(quoted(String(decoding: bytes, as: UTF8.self))) is not UTF-8.")
        }
        guard kind == .folder || bytes.last != UInt8(ascii: "/") else {
            // Tars from before ustar wrote folders so, and libarchive still reads them.
            throw TarballError(
                .archivePathInvalid, "The path \(quoted(path)) of a file ends with a slash.")
        }
        if let size = pax?.size, size != header.size {
            throw TarballError(
                .archivePaxSize,
                """
                \(quoted(path)) has \(header.size) bytes by its header and \(size) by its pax \
                record.
                """)
        }
        guard kind == .file || header.size == 0 else {
            throw TarballError(
                .archiveBadSize, "The folder \(quoted(path)) has \(header.size) bytes of content.")
        }
        try limits.checkSize(header.size, above: 0)
        found.append(GuardedEntry(kind: kind, path: path, size: header.size))
        pax = nil
        longName = nil
        if header.size > 0 { state = .content(blocks: Self.blocks(header.size)) }
    }

    private func refuseDanglingExtension() throws(TarballError) {
        guard pax == nil && longName == nil else {
            throw TarballError(
                .archivePaxMalformed, "An extended header is not followed by a file or folder.")
        }
    }

    private static func blocks(_ size: Int64) -> Int64 {
        (size + Int64(TarHeader.length) - 1) / Int64(TarHeader.length)
    }

    private static func code(ofType type: UInt8) -> FailureCode {
        switch type {
        case UInt8(ascii: "1"), UInt8(ascii: "2"), UInt8(ascii: "K"): .archiveLink
        case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): .archiveDevice
        case UInt8(ascii: "S"): .archiveSparse
        case UInt8(ascii: "g"): .archivePaxGlobal
        default: .archiveUnknownType
        }
    }

    private static func sentence(_ type: UInt8, _ path: String) -> String {
        switch type {
        case UInt8(ascii: "1"): "\(path) is a hard link."
        case UInt8(ascii: "2"): "\(path) is a symbolic link."
        case UInt8(ascii: "K"): "A long link name announces a link."
        case UInt8(ascii: "3"), UInt8(ascii: "4"): "\(path) is a device."
        case UInt8(ascii: "6"): "\(path) is a FIFO."
        case UInt8(ascii: "S"): "\(path) is a sparse file."
        case UInt8(ascii: "g"): "There is a global pax header."
        default: "\(path) has the type flag \(quoted(String(UnicodeScalar(type))))."
        }
    }
}
