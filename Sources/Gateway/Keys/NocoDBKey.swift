import Cryptography
import Storage
import SystemPackage

/// The RSA key that signs tokens for NocoDB's clients: `nocodb.pem` among the gateway's keys.
///
/// Gateways that are older than it have none; it is made when it is first asked for, under a lock, so
/// that two programs never make two.
enum NocoDBKey {
    /// - Parameter keys: the folder of the private keys
    /// - Returns: the one key, made now when there was none
    /// - Throws: ``StorageError`` `disk.*`, `gateway.data-folder`, ``CryptographyError``
    ///   `key.malformed`, `cryptography.failed`.
    static func loaded(orMadeIn keys: FilePath) throws -> PrivateKey {
        let file = KeyFile(of: .nocodb, in: keys)
        if let key = try file.key() { return key }
        let lock = try FileLock(waitingFor: keys.appending("nocodb.pem.lock"))
        defer { lock.release() }
        if let key = try file.key() { return key }
        let key = try PrivateKey.generate(.rsa)
        try file.save(key)
        return key
    }
}

extension Vendor {
    /// The key that signs tokens for NocoDB's clients.
    ///
    /// - Throws: as ``NocoDBKey/loaded(orMadeIn:)`` does.
    func nocoDBKey() async throws -> PrivateKey {
        try await keyTurns.take {
            try await onBlockingThread { [folder] in try NocoDBKey.loaded(orMadeIn: folder.keys) }
        }
    }

    /// What tokens and `tollgate keys` call it: the SHA-256 of the SubjectPublicKeyInfo.
    func nocoDBKeyID(_ key: PublicKey) -> String {
        Digest.of(.sha256, key.spkiDER).hex
    }
}
