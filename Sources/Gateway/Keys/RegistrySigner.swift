import Cryptography
import Packages

/// Signs releases for npm's tooling, and finds those that need another signature.
struct RegistrySigner: Sendable {
    let key: PrivateKey
    let listed: RegistryKeys

    /// The signatures in place of those that a release has, when no listed key stands for it at the
    /// time that it was published; nil: they are good.
    ///
    /// - Throws: ``PackageError`` `registry.key-invalid`.
    func signaturesToReplace(of release: Release) throws -> [RegistrySignature]? {
        let known = release.signatures.compactMap { signature in
            listed.entries.first { $0.keyID == signature.keyID }
        }
        let isExpired = known.contains { entry in
            entry.expires.map { release.published >= $0 } ?? false
        }
        guard known.isEmpty || isExpired else { return nil }
        return [
            try RegistrySignature.sign(
                name: release.name, version: release.version,
                integrity: Integrity(release.sha512), with: key)
        ]
    }
}
