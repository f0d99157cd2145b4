/// A kind of key pair.
package enum KeyType: String, Sendable, CaseIterable {
    /// Ed25519 (RFC 8032).
    case ed25519
    /// ECDSA on the curve P-256 (FIPS 186-5).
    case ecdsaP256
    /// RSA of 2048 to 16384 bits.
    case rsa
}

/// A way to make and check signatures.
package enum SignatureScheme: String, Sendable, CaseIterable {
    /// Ed25519 (RFC 8032): 64 bytes.
    case ed25519
    /// ECDSA on P-256 over SHA-256: a DER `ECDSA-Sig-Value` (RFC 3279, section 2.2.3).
    case ecdsaP256SHA256
    /// RSASSA-PSS with SHA-256 for message and mask (RFC 8017, section 8.1).
    ///
    /// Signing takes a salt as long as the digest; checking takes any length, since signers differ.
    case rsaPSSSHA256
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, section 8.2): `RS256` of JSON Web Tokens.
    case rsaPKCS1SHA256

    /// The only kind of key that makes such signatures.
    package var keyType: KeyType {
        switch self {
        case .ed25519: .ed25519
        case .ecdsaP256SHA256: .ecdsaP256
        case .rsaPSSSHA256, .rsaPKCS1SHA256: .rsa
        }
    }

    /// What the message is hashed with first, or nil when the scheme does that by itself.
    var hash: HashAlgorithm? {
        self == .ed25519 ? nil : .sha256
    }
}
