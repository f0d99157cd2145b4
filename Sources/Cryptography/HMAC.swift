internal import COpenSSL
package import Diagnostics

/// Keyed hashes (RFC 2104).
package enum HMAC {
    /// HMAC-SHA-256, 32 bytes, to be compared with ``constantTimeEqual(_:_:)``.
    package static func sha256(key: Secret<[UInt8]>, message: [UInt8]) -> [UInt8] {
        let key = key.reveal()
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let result = COpenSSL.HMAC(
                EVP_sha256(), key, Int32(key.count), message, message.count, buffer.baseAddress,
                nil)
            requireSuccess(result != nil, "HMAC")
            count = 32
        }
    }
}

/// Whether two byte sequences are equal, in a time that says nothing about where they differ.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
