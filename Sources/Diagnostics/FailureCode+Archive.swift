/// What can be wrong inside a tarball. Each rule of unpacking has its own code.
extension FailureCode {
    package static let archiveNotGzip = FailureCode(
        "archive.not-gzip",
        title: "The tarball is not a gzip file",
        meaning: """
            The file does not begin as a gzip file does. Another compression, a zip file or a \
            web page was published or delivered under the name of a tarball.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveGzipMalformed = FailureCode(
        "archive.gzip-malformed",
        title: "The gzip file is damaged",
        meaning: """
            The gzip header or the compressed data breaks the format (RFC 1951, RFC 1952).
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveGzipChecksum = FailureCode(
        "archive.gzip-checksum",
        title: "The gzip checksum does not fit",
        meaning: "What was inflated has another CRC or length than the gzip trailer states.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveGzipTrailing = FailureCode(
        "archive.gzip-trailing",
        title: "Bytes follow the gzip member",
        meaning: """
            A tarball is exactly one gzip member. A second member or other bytes after it could \
            be seen by one program and not by another.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveTruncated = FailureCode(
        "archive.truncated",
        title: "The archive ends too early",
        meaning: """
            The gzip stream or the tar inside it is cut off, or the two blocks of zeros that end \
            a tar are missing.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveNotTar = FailureCode(
        "archive.not-tar",
        title: "There is no tar inside the gzip file",
        meaning: "What was inflated does not begin with a ustar, pax or GNU tar header.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveHeaderChecksum = FailureCode(
        "archive.header-checksum",
        title: "A tar header's checksum does not fit",
        meaning: "A header inside the archive was damaged or changed.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveMalformed = FailureCode(
        "archive.malformed",
        title: "The tar breaks its own format",
        meaning: """
            A header or record cannot be read, or the two readers that look at each archive \
            disagree about it.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveBadSize = FailureCode(
        "archive.bad-size",
        title: "A size in the tar is not valid",
        meaning: """
            The size of an entry is negative, not octal, too large, or given to an entry that \
            has no content.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveTrailingData = FailureCode(
        "archive.trailing-data",
        title: "Data follows the end of the tar",
        meaning: "After the blocks of zeros that end a tar only zeros may follow.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePaxMalformed = FailureCode(
        "archive.pax-malformed",
        title: "A pax record is not valid",
        meaning: """
            A pax extended header has a wrong length, a key twice, a NUL, a value that is not \
            allowed, or stands at the wrong place.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePaxTooLarge = FailureCode(
        "archive.pax-too-large",
        title: "A pax or long-name header is too large",
        meaning: "Extended headers may hold 1 MiB and no more.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePaxSize = FailureCode(
        "archive.pax-size",
        title: "The two sizes of an entry disagree",
        meaning: """
            The size in the pax record and the size in the ustar header must agree: programs \
            differ in which one they believe.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePaxGlobal = FailureCode(
        "archive.pax-global",
        title: "The tar has a global pax header",
        meaning: """
            A global header changes the meaning of every later entry, and programs differ in \
            how. Packages made by npm have none; `git archive` writes one.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveLink = FailureCode(
        "archive.link",
        title: "The archive contains a link",
        meaning: """
            A package holds regular files and folders only. Symbolic and hard links can lead out \
            of the package's folder.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveDevice = FailureCode(
        "archive.device",
        title: "The archive contains a device or FIFO",
        meaning: "A package holds regular files and folders only.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveSparse = FailureCode(
        "archive.sparse",
        title: "The archive contains a sparse file",
        meaning: """
            Sparse files have several encodings that programs read differently; a package holds \
            ordinary files only.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveUnknownType = FailureCode(
        "archive.unknown-type",
        title: "The archive contains an entry of an unknown type",
        meaning: "A package holds regular files and folders only.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathEscapes = FailureCode(
        "archive.path-escapes",
        title: "A path leads out of the package",
        meaning: "A path in the archive is absolute or has a `..` in it.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathInvalid = FailureCode(
        "archive.path-invalid",
        title: "A path is not allowed",
        meaning: """
            A path in the archive is not UTF-8, or has an empty or `.` component, a backslash, a \
            NUL or a control character.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathNotPortable = FailureCode(
        "archive.path-not-portable",
        title: "A path does not work on every system",
        meaning: """
            A path in the archive has a colon, ends a component with a dot or a space, or uses a \
            device name of Windows (CON, NUL, COM1, …).
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathTooLong = FailureCode(
        "archive.path-too-long",
        title: "A path is too long or too deep",
        meaning: "A component may have 255 bytes, a path 1,024 bytes and 32 components.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathReserved = FailureCode(
        "archive.path-reserved",
        title: "A path uses a reserved name",
        meaning: "The name `.pkg` belongs to Tollgate's own files.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathTwin = FailureCode(
        "archive.path-twin",
        title: "Two paths in the archive are the same",
        meaning: """
            Two paths are equal, or equal on a file system that ignores case or Unicode \
            normalization, so that one would overwrite the other.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePathConflict = FailureCode(
        "archive.path-conflict",
        title: "A file is used as a folder",
        meaning: "One entry of the archive lies below another one that is a file.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveTopFolder = FailureCode(
        "archive.top-folder",
        title: "The archive has no single top folder",
        meaning: "All entries of a package lie in one folder, usually `package/`.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveEmpty = FailureCode(
        "archive.empty",
        title: "The archive is empty",
        meaning: "The tar holds no entry at all.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archivePackageJSON = FailureCode(
        "archive.package-json",
        title: "package.json is missing or not usable",
        meaning: """
            A package has exactly one package.json in its top folder: a regular file of at most \
            1 MiB, valid JSON, with a name and a version.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveWrongPackage = FailureCode(
        "archive.wrong-package",
        title: "The archive holds another package",
        meaning: "The name or version in package.json is not the one that was signed.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveTooLarge = FailureCode(
        "archive.too-large",
        title: "The unpacked package is too large",
        meaning: "Without a signed size a package may unpack to 2 GiB and no more.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveTooManyFiles = FailureCode(
        "archive.too-many-files",
        title: "The package has too many files",
        meaning: """
            Without a signed file count a package may have 100,000 files, and never more than \
            100,000 folders.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveRatio = FailureCode(
        "archive.ratio",
        title: "The archive inflates suspiciously far",
        meaning: """
            Without a signed size a tarball may inflate to 200 times its length and no more.
            """,
        remedy: archiveRemedy,
        exitStatus: .verification)

    package static let archiveNotAsSigned = FailureCode(
        "archive.not-as-signed",
        title: "The content is not what was signed",
        meaning: "The unpacked size or the number of files differs from the signed metadata.",
        remedy: archiveRemedy,
        exitStatus: .verification)

    /// The vendor alone can put a tarball right; nothing at the customer's side makes it better.
    private static let archiveRemedy = """
        Nothing was installed from it. Ask the vendor to publish the plugin again, packed by \
        `npm pack`, and send them this code and the path named.
        """

    static let archiveCodes: [FailureCode] = [
        archiveNotGzip, archiveGzipMalformed, archiveGzipChecksum, archiveGzipTrailing,
        archiveTruncated, archiveNotTar, archiveHeaderChecksum, archiveMalformed, archiveBadSize,
        archiveTrailingData, archivePaxMalformed, archivePaxTooLarge, archivePaxSize,
        archivePaxGlobal, archiveLink, archiveDevice, archiveSparse, archiveUnknownType,
        archivePathEscapes, archivePathInvalid, archivePathNotPortable, archivePathTooLong,
        archivePathReserved, archivePathTwin, archivePathConflict, archiveTopFolder,
        archiveEmpty, archivePackageJSON, archiveWrongPackage, archiveTooLarge,
        archiveTooManyFiles, archiveRatio, archiveNotAsSigned,
    ]
}
