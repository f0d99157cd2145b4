import Diagnostics

/// Where the entries of a package go.
protocol EntryDestination: AnyObject {
    /// Makes a folder whose parent is there.
    func makeFolder(_ path: String) throws(TarballError)
    /// Takes the whole content of a file whose folder is there.
    func receive(_ file: PackageFile, _ content: borrowing EntryContent) throws(TarballError)
}

/// A regular file of a package, as accepted.
struct PackageFile {
    /// Below the package's folder.
    let path: String
    let size: Int64
    let isExecutable: Bool
    let modificationSeconds: Int64
}

/// The content of the current file, for its destination to pull.
struct EntryContent: ~Copyable {
    fileprivate let archive: ArchiveReader
    fileprivate let copy: CopiedBytes?

    /// The next bytes, valid until the next call, or nil at the end.
    func nextBlock() throws(TarballError) -> UnsafeRawBufferPointer? {
        guard let block = try archive.nextBlock() else { return nil }
        copy?.bytes.append(contentsOf: block)
        return block
    }
}

/// Where a copy of package.json grows while it is being written.
private final class CopiedBytes {
    var bytes: [UInt8] = []
}

/// Reads a package: every rule about entries together, in the order of the archive.
///
/// 1. The guard and libarchive agree about the entry (``ArchiveReader``).
/// 2. The path alone is allowed (``EntryPath``), the top folder is the same one.
/// 3. It meets no other path (``PathTable``).
/// 4. The limits hold with it; before its content is read.
/// 5. Its content goes to the destination.
/// 6. At the end: package.json was there and names the package, the signed numbers are met.
struct PackageReader {
    private let limits: ContentLimits
    private var top: String?
    private var paths: PathTable
    private var unpackedSize: Int64 = 0
    private var fileCount = 0
    private let manifest = CopiedBytes()
    private var hasManifest = false

    init(limits: ContentLimits) {
        self.limits = limits
        paths = PathTable(maximumFolders: limits.folderCount)
    }

    /// Reads the whole tarball.
    ///
    /// - Throws: Any `archive.*`; what the destination throws.
    static func read(
        _ input: CompressedInput, limits: ContentLimits, library: InflateLibrary,
        locale: UTF8Locale = .system,
        into destination: some EntryDestination
    ) throws(TarballError) -> TarballContents {
        try locale.with { () throws(TarballError) in
            let gzip = try GzipReader(input, limits: limits, library: library)
            let archive = try ArchiveReader(
                TarStream(gzip, limits: limits), hasUTF8Locale: locale.isInstalled)
            var reader = PackageReader(limits: limits)
            while let entry = try archive.nextEntry() {
                try reader.accept(entry, from: archive, into: destination)
            }
            return try reader.finish()
        }
    }

    private mutating func accept(
        _ entry: ArchiveEntry, from archive: ArchiveReader, into destination: some EntryDestination
    ) throws(TarballError) {
        let location = try EntryPath(entry.guarded)
        guard top == nil || top.map({ $0.utf8.elementsEqual(location.top.utf8) }) == true else {
            throw TarballError(
                .archiveTopFolder,
                "\(quoted(location.top)) is a second top folder beside \(quoted(top ?? "")).")
        }
        top = location.top
        switch entry.guarded.kind {
        case .folder:
            guard !location.path.isEmpty else { return }
            for folder in try paths.add(folder: location.path) {
                try destination.makeFolder(folder)
            }
        case .file:
            let folders = try paths.add(file: location.path)
            try count(entry.guarded)
            let isManifest = location.path.utf8.elementsEqual("package.json".utf8)
            if isManifest { try acceptManifest(size: entry.guarded.size) }
            for folder in folders { try destination.makeFolder(folder) }
            try destination.receive(
                PackageFile(
                    path: location.path, size: entry.guarded.size,
                    isExecutable: entry.isExecutable,
                    modificationSeconds: entry.modificationSeconds),
                EntryContent(archive: archive, copy: isManifest ? manifest : nil))
        }
    }

    private mutating func acceptManifest(size: Int64) throws(TarballError) {
        guard size <= PackageIdentity.maximumManifestBytes else {
            throw TarballError(
                .archivePackageJSON, "package.json has \(size) bytes; 1 MiB is allowed.")
        }
        hasManifest = true
    }

    private mutating func count(_ entry: GuardedEntry) throws(TarballError) {
        fileCount += 1
        guard fileCount <= limits.fileCount else {
            throw TarballError(
                limits.signed == nil ? .archiveTooManyFiles : .archiveNotAsSigned,
                "The package has more than \(limits.fileCount) files.")
        }
        try limits.checkSize(entry.size, above: unpackedSize)
        unpackedSize += entry.size
    }

    private func finish() throws(TarballError) -> TarballContents {
        guard top != nil else {
            throw TarballError(.archiveEmpty, "The tar has no entry.")
        }
        guard hasManifest else {
            throw TarballError(
                .archivePackageJSON, "The top folder has no file package.json.")
        }
        if let signed = limits.signed {
            guard unpackedSize == signed.unpackedSize && fileCount == signed.fileCount else {
                throw TarballError(
                    .archiveNotAsSigned,
                    """
                    The package has \(fileCount) files of \(unpackedSize) bytes together; signed \
                    are \(signed.fileCount) files and \(signed.unpackedSize) bytes.
                    """)
            }
        }
        return TarballContents(
            unpackedSize: unpackedSize, fileCount: fileCount, packageJSON: manifest.bytes,
            identity: try PackageIdentity(packageJSON: manifest.bytes))
    }
}
