package import Cryptography
import Licensing
import Packages
import SignedMetadata

extension Vendor {
    /// A key of the gateway without its private half.
    package struct NamedPublicKey: Sendable {
        /// The file's name without its ending.
        package let name: String
        /// What signatures name it by: its key ID in the metadata, in license tokens, in npm's
        /// registry signatures, in NocoDB's tokens.
        package let keyID: String
        package let key: PublicKey
    }

    /// The public halves of all keys at hand; the root's is missing once it was moved away.
    ///
    /// - Throws: ``StorageError``, ``CryptographyError``.
    package func publicKeys() async throws -> [NamedPublicKey] {
        let roles = [
            ("root", keys.root), ("targets", keys.targets), ("snapshot", keys.snapshot),
            ("timestamp", keys.timestamp),
        ]
        var named: [NamedPublicKey] = []
        for case (let name, let key?) in roles {
            guard let listed = Key(key.publicKey) else { continue }
            named.append(NamedPublicKey(name: name, keyID: listed.keyID, key: key.publicKey))
        }
        let license = keys.license.publicKey
        let registry = keys.registry.publicKey
        let nocoDB = try await nocoDBKey().publicKey
        return named + [
            NamedPublicKey(
                name: "license", keyID: try LicenseSigner(key: keys.license).keyID, key: license),
            NamedPublicKey(
                name: "registry", keyID: RegistrySignature.keyID(for: registry), key: registry),
            NamedPublicKey(name: "nocodb", keyID: nocoDBKeyID(nocoDB), key: nocoDB),
        ]
    }
}
