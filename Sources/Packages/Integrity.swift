package import Cryptography
import Diagnostics

/// The SHA-512 of a tarball as npm writes it: `sha512-` and base64 (Subresource Integrity).
package struct Integrity: Hashable, Sendable, CustomStringConvertible {
    package let sha512: Digest

    /// Of a digest made or verified before.
    ///
    /// - Throws: ``PackageError`` `registry.integrity-invalid` for another algorithm.
    package init(_ digest: Digest) throws(PackageError) {
        guard digest.algorithm == .sha512 else {
            throw PackageError(
                .registryIntegrityInvalid,
                "A release is known by its SHA-512, not by a \(digest.algorithm.rawValue) digest.")
        }
        sha512 = digest
    }

    /// Of a digest that is known to be a SHA-512.
    fileprivate init(sha512: Digest) {
        self.sha512 = sha512
    }

    /// Reads `sha512-…`: one hash, no options, canonical base64.
    ///
    /// - Throws: ``PackageError`` `registry.integrity-invalid`.
    package init(_ text: String) throws(PackageError) {
        let prefix = "sha512-"
        guard text.hasPrefix(prefix),
            let bytes = Base64.decode(String(text.dropFirst(prefix.count))),
            let digest = Digest(.sha512, bytes: bytes)
        else {
            throw PackageError(
                .registryIntegrityInvalid,
                "\(quoted(text)) is not sha512- and 64 bytes in base64.")
        }
        sha512 = digest
    }

    package var description: String { "sha512-\(Base64.encode(sha512.bytes))" }
}

extension Release {
    /// The tarball's hash as npm writes it.
    package var integrity: Integrity { Integrity(sha512: sha512) }
}
