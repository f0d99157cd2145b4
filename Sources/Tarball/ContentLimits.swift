import Diagnostics

/// How much a tarball may hold.
package struct ContentLimits: Sendable, Hashable {
    /// What the signed metadata says, to be met exactly.
    package struct Signed: Sendable, Hashable {
        /// Sum of the sizes of all regular files, in bytes.
        package let unpackedSize: Int64
        /// Number of regular files.
        package let fileCount: Int
    }

    /// The exact numbers, or nil when nobody signed any and the maxima stand alone.
    package let signed: Signed?

    /// The most bytes that the regular files may have together.
    var unpackedSize: Int64
    /// The most regular files.
    var fileCount: Int
    /// The most bytes that one byte of the tarball may become, or nil with signed numbers.
    let ratio: Int64?

    /// The most folders below the top folder; nobody signs their number.
    var folderCount = 100_000
    /// Up to here the ratio is not asked for: a tiny package of one repetitive file is no bomb.
    static let ratioFreeBytes: Int64 = 64 * 1024

    /// What holds without signed numbers: 2 GiB, 100,000 files, ratio 200.
    package static let maxima = ContentLimits(
        signed: nil, unpackedSize: 2 << 30, fileCount: 100_000, ratio: 200)

    /// What was signed, exactly.
    ///
    /// - Parameters:
    ///   - unpackedSize: Sum of the sizes of all regular files, in bytes.
    ///   - fileCount: Number of regular files.
    /// - Returns: Limits that only such a package meets.
    package static func signed(unpackedSize: Int64, fileCount: Int) -> ContentLimits {
        ContentLimits(
            signed: Signed(unpackedSize: unpackedSize, fileCount: fileCount),
            unpackedSize: unpackedSize, fileCount: fileCount, ratio: nil)
    }

    /// Checks one more file.
    ///
    /// - Parameters:
    ///   - size: Of the file, in bytes; not negative.
    ///   - sum: Of the sizes of the files before it; within the limit.
    /// - Throws: `archive.too-large`, `archive.not-as-signed`.
    func checkSize(_ size: Int64, above sum: Int64) throws(TarballError) {
        guard size > unpackedSize - sum else { return }
        throw TarballError(
            signed == nil ? .archiveTooLarge : .archiveNotAsSigned,
            "The files of the package have more than \(unpackedSize) bytes.")
    }
}
