internal import COpenSSL
internal import Diagnostics

/// A public key of a kind that Tollgate uses, right for ever once made.
///
/// Kept in one normal form, so that the same key is equal however it was written.
package struct PublicKey: Hashable, Sendable {
    package let type: KeyType
    /// The key as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    package let spkiDER: [UInt8]

    /// An Ed25519 key from its 32 bytes.
    ///
    /// - Throws: ``CryptographyError`` with code `key.malformed`.
    package init(ed25519 raw: [UInt8]) throws(CryptographyError) {
        guard raw.count == 32 else {
            throw CryptographyError(
                .keyMalformed, "An Ed25519 public key has 32 bytes; this one has \(raw.count).")
        }
        self.type = .ed25519
        self.spkiDER = ed25519PublicPrefix + raw
    }

    /// A key from its PEM text with the label `PUBLIC KEY`.
    ///
    /// - Throws: ``CryptographyError`` with code `key.malformed` or `key.unsupported`.
    package init(pem: String) throws(CryptographyError) {
        guard let bytes = PEMText.decode(pem, label: "PUBLIC KEY") else {
            throw CryptographyError(
                .keyMalformed, "The public key is not a PEM text with the label PUBLIC KEY.")
        }
        try self.init(spkiDER: bytes)
    }

    /// A key from its SubjectPublicKeyInfo.
    ///
    /// - Throws: ``CryptographyError`` with code `key.malformed` or `key.unsupported`.
    package init(spkiDER: [UInt8]) throws(CryptographyError) {
        try self.init(OpenSSLKey(spkiDER: spkiDER))
    }

    /// The public half of a key that OpenSSL holds.
    init(_ key: borrowing OpenSSLKey) throws(CryptographyError) {
        self.type = try key.type()
        switch type {
        case .ed25519, .rsa: self.spkiDER = try key.spkiDER()
        case .ecdsaP256:
            // A point can be written compressed, and a curve by its numbers: neither is kept.
            self.spkiDER = Self.p256Prefix + (try encodedPoint(of: key))
        }
    }

    /// The PEM text with the label `PUBLIC KEY`.
    package var pem: String { PEMText.encode(spkiDER, label: "PUBLIC KEY") }

    /// The 32 bytes of an Ed25519 key; nil for another type.
    package var rawEd25519: [UInt8]? {
        type == .ed25519 ? Array(spkiDER.dropFirst(ed25519PublicPrefix.count)) : nil
    }

    /// The uncompressed point, 65 bytes, of a P-256 key; nil for another type.
    package var rawP256: [UInt8]? {
        type == .ecdsaP256 ? Array(spkiDER.dropFirst(Self.p256Prefix.count)) : nil
    }

    /// Whether this key's owner signed that message so.
    ///
    /// False as well for a scheme of another type of key and for bytes that are no signature.
    package func isValidSignature(
        _ signature: [UInt8], of message: [UInt8], scheme: SignatureScheme
    ) -> Bool {
        guard scheme.keyType == type, !signature.isEmpty,
            let key = try? OpenSSLKey(spkiDER: spkiDER)
        else { return false }
        // Whatever OpenSSL says of a refused signature must not lie in wait for the next caller.
        defer { ERR_clear_error() }
        guard let context = EVP_MD_CTX_new() else { fatalError("EVP_MD_CTX_new: no memory") }
        defer { EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &parameters, scheme.hash?.evp, nil, key.pointer) == 1,
            setPadding(parameters, scheme, saltLength: RSA_PSS_SALTLEN_AUTO)
        else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// `SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING …` (RFC 5480, section 2).
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
        0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
}

/// The uncompressed point of a key on P-256, 65 bytes.
private func encodedPoint(of key: borrowing OpenSSLKey) throws(CryptographyError) -> [UInt8] {
    var point = [UInt8](repeating: 0, count: 65)
    var count = 0
    guard
        EVP_PKEY_get_octet_string_param(
            key.pointer, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, &point, point.count, &count) == 1,
        count == 65, point.first == 4
    else {
        throw .fromOpenSSL(.keyMalformed, "The public key has no point on P-256")
    }
    return point
}

/// Chooses how an RSA signature is padded; the other schemes have nothing to choose.
///
/// PSS takes SHA-256 for the mask as well: OpenSSL has it from the message's hash.
func setPadding(
    _ parameters: OpaquePointer?, _ scheme: SignatureScheme, saltLength: Int32
) -> Bool {
    switch scheme {
    case .ed25519, .ecdsaP256SHA256: true
    case .rsaPKCS1SHA256: EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
    case .rsaPSSSHA256:
        EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, saltLength) == 1
    }
}
