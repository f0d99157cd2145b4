internal import COpenSSL
package import Diagnostics

/// A private key with its public half.
package struct PrivateKey: Sendable {
    package let publicKey: PublicKey
    private let pkcs8DER: Secret<[UInt8]>
    private let signing: SigningKey

    package var type: KeyType { publicKey.type }

    /// A new key; RSA gets 2048 bits.
    ///
    /// - Throws: ``CryptographyError`` with code `cryptography.failed`.
    package static func generate(_ type: KeyType) throws(CryptographyError) -> PrivateKey {
        let pointer =
            switch type {
            case .ed25519: tollgate_generate_ed25519()
            case .ecdsaP256: tollgate_generate_p256()
            case .rsa: tollgate_generate_rsa(2048)
            }
        guard let pointer else {
            throw .fromOpenSSL(.cryptographyFailed, "No \(type.rawValue) key could be made")
        }
        return try PrivateKey(OpenSSLKey(owning: pointer))
    }

    /// A key from its PEM text with the label `PRIVATE KEY` (PKCS#8 without a password).
    ///
    /// - Throws: ``CryptographyError`` with code `key.malformed` or `key.unsupported`.
    package init(pem: Secret<String>) throws(CryptographyError) {
        guard let bytes = PEMText.decode(pem.reveal(), label: "PRIVATE KEY") else {
            throw CryptographyError(
                .keyMalformed, "The private key is not a PEM text with the label PRIVATE KEY.")
        }
        try self.init(OpenSSLKey(pkcs8DER: bytes))
    }

    private init(_ key: consuming OpenSSLKey) throws(CryptographyError) {
        self.publicKey = try PublicKey(key)
        self.pkcs8DER = Secret(try key.pkcs8DER())
        self.signing = SigningKey(key)
    }

    /// The PEM text with the label `PRIVATE KEY` (PKCS#8, RFC 5958).
    package var pem: Secret<String> {
        Secret(PEMText.encode(pkcs8DER.reveal(), label: "PRIVATE KEY"))
    }

    /// Signs a message.
    ///
    /// - Throws: ``CryptographyError`` with code `key.unsupported` when the scheme is another
    ///   type of key's, `cryptography.failed`.
    package func sign(
        _ message: [UInt8], scheme: SignatureScheme
    ) throws(CryptographyError) -> [UInt8] {
        guard scheme.keyType == type else {
            throw CryptographyError(
                .keyUnsupported,
                "A key of type \(type.rawValue) makes no \(scheme.rawValue) signatures.")
        }
        let key = signing.pointer
        guard let context = EVP_MD_CTX_new() else { fatalError("EVP_MD_CTX_new: no memory") }
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestSignInit(context, &parameters, scheme.hash?.evp, nil, key) == 1,
            setPadding(parameters, scheme, saltLength: RSA_PSS_SALTLEN_DIGEST)
        else { throw .fromOpenSSL(.cryptographyFailed, "Signing could not begin") }
        // The length asked for first is the longest a signature can be; a DER one varies.
        var count = Int(EVP_PKEY_get_size(key))
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
            throw .fromOpenSSL(.cryptographyFailed, "Signing failed")
        }
        return Array(signature.prefix(count))
    }
}

/// A private key as OpenSSL has it, kept: to make an Ed25519 key anew takes as long as to sign.
///
/// Unchecked, since OpenSSL's pointer is not Sendable: the key is never changed once it is made, and
/// OpenSSL lets several threads use such a key at once, each with a context of its own
/// (openssl-threads(7)).
private final class SigningKey: @unchecked Sendable {
    private let key: OpenSSLKey

    init(_ key: consuming OpenSSLKey) {
        self.key = key
    }

    var pointer: OpaquePointer { key.pointer }
}
