internal import COpenSSL
internal import Diagnostics

/// Bytes that are costly to work out on purpose.
package enum KeyDerivation {
    /// scrypt (RFC 7914).
    ///
    /// - Parameters:
    ///   - input: the password, or what stands for one
    ///   - salt: the salt
    ///   - n: the cost: a power of two; memory is 128 × `n` × `r` bytes
    ///   - r: the block size
    ///   - p: the parallelization
    ///   - count: how many bytes to derive
    /// - Returns: `count` bytes.
    /// - Throws: ``CryptographyError`` with code `cryptography.failed`.
    package static func scrypt(
        _ input: [UInt8], salt: [UInt8], n: UInt64, r: UInt32, p: UInt32, count: Int
    ) throws(CryptographyError) -> [UInt8] {
        // OpenSSL refuses above a limit; allow what the parameters need and a little more.
        let memoryLimit = 128 * UInt64(r) * (n + UInt64(p) + 2) + 1 << 16
        var derived = [UInt8](repeating: 0, count: count)
        let result = input.withUnsafeBytes { input in
            EVP_PBE_scrypt(
                input.baseAddress?.assumingMemoryBound(to: CChar.self), input.count, salt,
                salt.count, n, UInt64(r), UInt64(p), memoryLimit, &derived, count)
        }
        guard result == 1 else {
            throw .fromOpenSSL(.cryptographyFailed, "scrypt with n=\(n), r=\(r), p=\(p) failed")
        }
        return derived
    }
}
