internal import CanonicalJSON
package import Cryptography
internal import Diagnostics

/// The gateway's side of a token: what signs claims.
package struct LicenseSigner: Sendable {
    package let keyID: String
    private let key: PrivateKey
    /// Its public half.
    private let keys: LicenseKeySet

    /// A signer with an Ed25519 key, whose ID is its thumbprint unless another is given.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-set` for a key of another type.
    package init(key: PrivateKey, keyID: String? = nil) throws(LicenseError) {
        let thumbprint = try LicenseKeySet.thumbprint(of: key.publicKey)
        self.keyID = keyID ?? thumbprint
        self.key = key
        var keys = LicenseKeySet()
        try keys.add(key.publicKey, keyID: self.keyID)
        self.keys = keys
    }

    /// Signs claims, and reads them back, so that no token leaves which a client would refuse.
    ///
    /// - Throws: ``LicenseError`` with code `license.claims`, `license.token-format` when there are
    ///   too many, or `cryptography.failed`.
    package func sign(_ claims: LicenseClaims) throws(LicenseError) -> VerifiedLicenseToken {
        let header: JSONValue = [
            "alg": "EdDSA", "typ": "license+jwt", "kid": .string(keyID),
        ]
        let signed =
            Base64URL.encode(header.compactBytes) + "."
            + Base64URL.encode(claims.json.compactBytes)
        let signature: [UInt8]
        do {
            signature = try key.sign(Array(signed.utf8), scheme: .ed25519)
        } catch {
            throw LicenseError(error.code, "The license token cannot be signed.", cause: error)
        }
        return try UnverifiedLicenseToken("\(signed).\(Base64URL.encode(signature))")
            .verified(by: keys)
    }
}
