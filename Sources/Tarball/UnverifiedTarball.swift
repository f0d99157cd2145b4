package import Cryptography
import Diagnostics
package import SystemPackage

/// A file that claims to be a release's tarball.
///
/// It has no entries to read: only ``verify(length:sha512:)`` leads to them.
package struct UnverifiedTarball: Sendable {
    private let path: FilePath

    /// Nothing is opened yet.
    package init(_ path: FilePath) {
        self.path = path
    }

    /// Proves that the file is the one that was signed, before a byte of it is parsed.
    ///
    /// - Parameters:
    ///   - length: In bytes, as signed.
    ///   - sha512: Of the whole file, as signed.
    /// - Returns: The tarball, with the descriptor open that was hashed.
    /// - Throws: `trust.length`, `trust.hash`, `disk.*`.
    package func verify(length: Int64, sha512: Digest) throws(TarballError) -> VerifiedTarball {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch {
            throw TarballError(
                "open the tarball \(quoted(path.string))",
                failedWith: (error as? Errno) ?? .ioError)
        }
        let tarball = VerifiedTarball(unchecked: descriptor, length: length)
        let found = try tarball.measure()
        guard found == sha512 else {
            throw TarballError(
                .trustHash, "The tarball has the SHA-512 \(found.hex); signed is \(sha512.hex).")
        }
        return tarball
    }
}
