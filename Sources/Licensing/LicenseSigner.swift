internal import CanonicalJSON
package import Cryptography
internal import Diagnostics

/// The gateway's side of a token: what signs claims.
package struct LicenseSigner: Sendable {
    package let keyID: String
    private let key: PrivateKey
    /// The first part of every token.
    private let header: String

    /// A signer with an Ed25519 key, whose ID is its thumbprint unless another is given.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-set` for a key of another type.
    package init(key: PrivateKey, keyID: String? = nil) throws(LicenseError) {
        let thumbprint = try LicenseKeySet.thumbprint(of: key.publicKey)
        self.keyID = keyID ?? thumbprint
        self.key = key
        let header: JSONValue = [
            "alg": "EdDSA", "typ": "license+jwt", "kid": .string(self.keyID),
        ]
        self.header = Base64URL.encode(header.compactBytes)
    }

    /// Signs claims, and reads the token as clients do, so that none leaves which they would refuse.
    ///
    /// Only the signature is not verified: that takes longer than all else, and clients have the
    /// other half of the key that made it.
    ///
    /// - Throws: ``LicenseError`` with code `license.claims`, `license.token-format` when there are
    ///   too many, or `cryptography.failed`.
    package func sign(_ claims: LicenseClaims) throws(LicenseError) -> VerifiedLicenseToken {
        let signed = "\(header).\(Base64URL.encode(claims.json.compactBytes))"
        let signature: [UInt8]
        do {
            signature = try key.sign(Array(signed.utf8), scheme: .ed25519)
        } catch {
            throw LicenseError(error.code, "The license token cannot be signed.", cause: error)
        }
        return try UnverifiedLicenseToken("\(signed).\(Base64URL.encode(signature))").readTrusted()
    }
}
