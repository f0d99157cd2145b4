import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import SignedMetadata
import Storage

/// How many bytes of roots a token has at most, beside the latest one; a root has about 2,000.
private let rootChainLength = 16_000

extension Vendor {
    /// The root as it is now, with the key in it that license tokens are signed with, and those that
    /// lead to it.
    ///
    /// A root from before it listed such keys is followed by one that does, as long as its private
    /// key is at hand.
    ///
    /// - Returns: the signed documents, as ``RootChain`` joins them
    /// - Throws: ``TrustError`` `trust.signing-key` when the root lists no such key and cannot be
    ///   signed here, ``StorageError``.
    func rootListingLicenseKeys() async throws -> JSONValue {
        let listed = try parseJSON(try await signedFile(SignedFileRecord.licenseKeys))
        return try await whileAloneSigning {
            try await onBlockingThread {
                var repository = try signedRepository()
                if try !listsLicenseKey(repository.root) {
                    repository = try sign(licenseKeys: listed, after: repository)
                }
                return try chain(to: repository.root.version)
            }
        }
    }

    /// That root with as many of those before it as a token has room for.
    ///
    /// A machine that asks nobody follows them one by one. The first is on every machine.
    private func chain(to version: Int64) throws -> JSONValue {
        var chain: [JSONValue] = []
        var length = 0
        for version in stride(from: version, through: min(2, version), by: -1) {
            let name = "\(version).root.json"
            guard let bytes = try metadataFile(name) else {
                throw StorageError(.dataFolderUnusable, "\(name) is not in \(folder.metadata).")
            }
            length += bytes.count
            guard chain.isEmpty || length <= rootChainLength else { break }
            chain.insert(try parseJSON(bytes), at: 0)
        }
        return RootChain.json(chain)
    }

    private func listsLicenseKey(_ root: Root) throws -> Bool {
        guard let listed = root.licenseKeys else { return false }
        let keyID = try LicenseKeySet.thumbprint(of: keys.license.publicKey)
        return try LicenseKeySet(jwks: listed.compactBytes)[keyID] != nil
    }

    private func sign(
        licenseKeys: JSONValue, after repository: SignedRepository
    ) throws -> SignedRepository {
        var roles = TopLevelKeys(of: repository.root)
        roles.licenseKeys = licenseKeys
        let publication: Publication
        do {
            publication = try repository.rotatingRoot(
                to: roles, keys: keys.signing, now: now(), reading: metadataFile)
        } catch let error as TrustError where error.code == .trustSigningKey {
            throw TrustError(
                error.code,
                """
                \(repository.root.version).root.json lists no keys of license tokens, without which \
                a machine with no network cannot verify one, and root.pem is not in \
                \(folder.keys) to sign the root that does.
                """, cause: error)
        }
        try write(publication.files)
        return publication.repository
    }
}
