import Bundle
import Cryptography
import Diagnostics
import SignedMetadata
import Storage
import SystemPackage

/// The key that signs the indexes of bundles: `bundle.pem` among the gateway's keys.
///
/// Gateways that are older than it have none; it is made when it is first asked for, under a lock, so
/// that two programs never make two.
enum BundleKey {
    /// - Parameter keys: the folder of the private keys
    /// - Returns: the one key, made now when there was none
    /// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder`, ``CryptographyError``
    ///   `key.malformed`, `cryptography.failed`.
    static func loaded(orMadeIn keys: FilePath) throws -> PrivateKey {
        let file = KeyFile(of: .bundle, in: keys)
        if let key = try file.key() { return key }
        let lock = try FileLock(waitingFor: keys.appending("bundle.pem.lock"))
        defer { lock.release() }
        if let key = try file.key() { return key }
        let key = try PrivateKey.generate(.ed25519)
        try file.save(key)
        return key
    }
}

extension Vendor {
    /// What signs bundles now, once the signed metadata lists its key.
    ///
    /// - Throws: ``TrustError`` `trust.signing-key` as long as the list waits for a signature from
    ///   elsewhere; ``StorageError``.
    func bundleSigner() async throws -> BundleSigner {
        let key = try await keyTurns.take {
            try await onBlockingThread { [folder] in try BundleKey.loaded(orMadeIn: folder.keys) }
        }
        guard try await !listsBundleKey(key.publicKey) else { return try BundleSigner(key: key) }
        try await whileAloneSigning {
            guard try await list(BundleKeys([key.publicKey])) else {
                throw TrustError(
                    .trustSigningKey,
                    "The list of the keys of bundles is not signed by the targets key yet.",
                    remedy: "Have it signed: `tollgate keys export-unsigned`, then import."
                )
            }
        }
        return try BundleSigner(key: key)
    }

    /// Makes the keys of bundles the ones that are believed.
    ///
    /// - Returns: whether the metadata has them; false while they wait for a signature from elsewhere
    func list(_ keys: BundleKeys) async throws -> Bool {
        let file = try await onBlockingThread { try keep(keys.jwks, as: BundleKeys.path) }
        if try await records.signedFiles.digest(ofCurrentFile: file.path) != file.sha512 {
            try await records.signedFiles.put(file, at: now())
        }
        try await signMetadataAlone()
        return try await onBlockingThread {
            try signedRepository().targets.targets[file.path]?.sha512 == file.sha512
        }
    }

    /// The keys of bundles that the signed metadata lists; none before the first bundle of an older
    /// gateway.
    func bundleKeys() async throws -> BundleKeys {
        let listed = try await onBlockingThread {
            try signedRepository().targets.targets[BundleKeys.path]?.sha512
        }
        guard let listed else { return try BundleKeys([]) }
        return try await onBlockingThread {
            guard let bytes = try readFile(artifacts.path(of: listed)) else {
                throw StorageError(
                    .dataFolderUnusable, "The signed file \(BundleKeys.path) is not there.")
            }
            return try BundleKeys(jwks: bytes)
        }
    }

    private func listsBundleKey(_ key: PublicKey) async throws -> Bool {
        try await bundleKeys().publicKeys.contains(key)
    }
}
