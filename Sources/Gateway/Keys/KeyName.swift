import Cryptography
import Licensing
import Packages
package import SignedMetadata

/// A key of the gateway, by the name of its file.
package enum KeyName: String, Sendable, CaseIterable {
    case root
    case targets
    case snapshot
    case timestamp
    case license
    case registry
    case nocodb
    case bundle

    /// The role of the signed metadata that it signs for; nil: it signs something else.
    package var role: TopLevelRole? { TopLevelRole(rawValue: rawValue) }

    var type: KeyType {
        switch self {
        case .root, .targets, .snapshot, .timestamp, .license, .bundle: .ed25519
        case .registry: .ecdsaP256
        case .nocodb: .rsa
        }
    }

    /// What signatures name such a key by: its key ID in the metadata, in license tokens, in npm's
    /// registry signatures, in NocoDB's tokens, in the indexes of bundles.
    ///
    /// - Throws: ``LicenseError`` `license.key-set` for a license or bundle key that is no Ed25519 key.
    func keyID(of key: PublicKey) throws(LicenseError) -> String {
        switch self {
        case .root, .targets, .snapshot, .timestamp:
            // A key of another type is none of the metadata's; it still has a name in a list.
            Key(key)?.keyID ?? Digest.of(.sha256, key.spkiDER).hex
        case .license, .bundle: try LicenseKeySet.thumbprint(of: key)
        case .registry: RegistrySignature.keyID(for: key)
        case .nocodb: Digest.of(.sha256, key.spkiDER).hex
        }
    }
}
