package import Cryptography

/// What a tarball was found to hold when it was read without writing anything.
package struct TarballContents: Sendable {
    /// Sum of the sizes of all regular files, in bytes: npm's `dist.unpackedSize`.
    package let unpackedSize: Int64
    /// Number of regular files: npm's `dist.fileCount`.
    package let fileCount: Int
    /// The bytes of package.json, valid JSON.
    package let packageJSON: [UInt8]
    /// What package.json says.
    package let identity: PackageIdentity
}

/// A file that was written: what a receipt keeps of it.
package struct UnpackedFile: Sendable, Hashable {
    /// Below the package's folder, components joined by slashes.
    package let path: String
    /// In bytes.
    package let size: Int64
    /// SHA-512 of the content.
    package let sha512: Digest
    /// Nanoseconds since 1970, as on disk: whole seconds, see ``UnpackedFile/times``.
    package let modificationTime: Int64

    /// Times that every file system keeps exactly: whole seconds between 1970 and 2038.
    ///
    /// What lies outside is moved to the nearer end.
    static let times: ClosedRange<Int64> = 0...Int64(Int32.max)
}
