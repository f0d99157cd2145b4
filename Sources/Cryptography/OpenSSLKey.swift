internal import COpenSSL
internal import Diagnostics

/// The one owner of an `EVP_PKEY`, public or private.
///
/// A public one lives for one call only: what is kept and passed around is the key's DER form, which
/// is a value. A private one is kept beside it, see ``PrivateKey``.
struct OpenSSLKey: ~Copyable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// A public key from its SubjectPublicKeyInfo, all bytes of it.
    init(spkiDER bytes: [UInt8]) throws(CryptographyError) {
        if let raw = rawKey(bytes, after: ed25519PublicPrefix),
            let pointer = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, raw, raw.count)
        {
            self.pointer = pointer
            return
        }
        self.pointer = try parse(bytes, what: "The public key is not a SubjectPublicKeyInfo") {
            d2i_PUBKEY(nil, &$0, $1)
        }
    }

    /// A private key from its PKCS#8 form, all bytes of it.
    init(pkcs8DER bytes: [UInt8]) throws(CryptographyError) {
        if let raw = rawKey(bytes, after: ed25519PrivatePrefix),
            let pointer = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, raw, raw.count)
        {
            self.pointer = pointer
            return
        }
        self.pointer = try parse(bytes, what: "The private key is not PKCS#8") {
            guard let wrapped = d2i_PKCS8_PRIV_KEY_INFO(nil, &$0, $1) else { return nil }
            defer { PKCS8_PRIV_KEY_INFO_free(wrapped) }
            return EVP_PKCS82PKEY(wrapped)
        }
    }

    /// What kind of key it is.
    func type() throws(CryptographyError) -> KeyType {
        switch EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_EC:
            var name = [CChar](repeating: 0, count: 64)
            guard EVP_PKEY_get_group_name(pointer, &name, name.count, nil) == 1,
                name.starts(with: "prime256v1".utf8CString)
            else {
                ERR_clear_error()
                throw CryptographyError(
                    .keyUnsupported, "The key is on another elliptic curve than P-256.")
            }
            return .ecdsaP256
        case EVP_PKEY_RSA:
            let bits = EVP_PKEY_get_bits(pointer)
            guard (2048...16384).contains(bits) else {
                throw CryptographyError(.keyUnsupported, "The RSA key has \(bits) bits.")
            }
            return .rsa
        case let other:
            let name = OBJ_nid2ln(other).map { String(cString: $0) } ?? "unknown"
            throw CryptographyError(.keyUnsupported, "The key is of the kind \"\(name)\".")
        }
    }

    /// The SubjectPublicKeyInfo of its public half.
    func spkiDER() throws(CryptographyError) -> [UInt8] {
        try serialize(what: "The public key cannot be written") { i2d_PUBKEY(pointer, &$0) }
    }

    /// The PKCS#8 form of its private half.
    func pkcs8DER() throws(CryptographyError) -> [UInt8] {
        guard let wrapped = EVP_PKEY2PKCS8(pointer) else {
            throw .fromOpenSSL(.cryptographyFailed, "The private key cannot be written")
        }
        defer { PKCS8_PRIV_KEY_INFO_free(wrapped) }
        return try serialize(what: "The private key cannot be written") {
            i2d_PKCS8_PRIV_KEY_INFO(wrapped, &$0)
        }
    }
}

// The one way to write an Ed25519 key in DER, but for its 32 bytes (RFC 8410, sections 4 and 7).
// OpenSSL 3 tries its decoders one after the other, which takes it longer than to sign.
let ed25519PublicPrefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
]
private let ed25519PrivatePrefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]

/// The 32 bytes behind the prefix, or nil when the key is written otherwise.
private func rawKey(_ bytes: [UInt8], after prefix: [UInt8]) -> [UInt8]? {
    guard bytes.count == prefix.count + 32, bytes.starts(with: prefix) else { return nil }
    return Array(bytes.dropFirst(prefix.count))
}

/// Runs one of OpenSSL's `d2i_` functions and refuses bytes behind what it took.
private func parse(
    _ bytes: [UInt8], what: String,
    with function: (inout UnsafePointer<UInt8>?, Int) -> OpaquePointer?
) throws(CryptographyError) -> OpaquePointer {
    var consumed = 0
    let pointer = bytes.withUnsafeBufferPointer { buffer in
        var position = buffer.baseAddress
        let pointer = function(&position, buffer.count)
        if let start = buffer.baseAddress, let position { consumed = position - start }
        return pointer
    }
    guard let pointer else { throw .fromOpenSSL(.keyMalformed, what) }
    guard consumed == bytes.count else {
        EVP_PKEY_free(pointer)
        throw CryptographyError(
            .keyMalformed, "\(what): \(bytes.count - consumed) bytes follow it.")
    }
    return pointer
}

/// Runs one of OpenSSL's `i2d_` functions, which allocates its result.
private func serialize(
    what: String, with function: (inout UnsafeMutablePointer<UInt8>?) -> Int32
) throws(CryptographyError) -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = function(&start)
    guard count > 0, let start else { throw .fromOpenSSL(.cryptographyFailed, what) }
    // Cleansed, since it may have been a private key.
    defer { CRYPTO_clear_free(start, Int(count), "serialize", 0) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
}
