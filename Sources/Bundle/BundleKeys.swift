package import Cryptography
package import Licensing

/// The keys that a vendor's bundles are signed with: the signed target `keys/bundle.json`, a JWK set
/// as that of the license keys is.
package struct BundleKeys: Sendable {
    /// The signed target.
    package static let path = "keys/bundle.json"

    private var keys: LicenseKeySet

    /// Reads the target.
    ///
    /// - Throws: ``LicenseError`` `license.key-set`.
    package init(jwks bytes: [UInt8]) throws(LicenseError) {
        keys = try LicenseKeySet(jwks: bytes)
    }

    /// Some keys, all of which count.
    ///
    /// - Throws: ``LicenseError`` `license.key-set` for one that is not Ed25519.
    package init(_ publicKeys: [PublicKey]) throws(LicenseError) {
        keys = LicenseKeySet()
        for key in publicKeys { try keys.add(key) }
    }

    package var jwks: [UInt8] { keys.jwks }

    package var publicKeys: [PublicKey] { keys.keyIDs.compactMap { keys[$0] } }

    subscript(keyID: String) -> PublicKey? { keys[keyID] }
}
