package import Cryptography

/// The 45 bits of a vendor's first trust root that a license key has room for.
///
/// With 45 bits alone somebody could search for another root with the same fingerprint. So they are
/// taken of a stretched hash: each try costs 4 MB and some 50 ms, and 2^45 of them some fifty
/// thousand processor years.
package struct RootFingerprint: Hashable, Sendable {
    static let bitCount = 45

    /// The fingerprint in its lower 45 bits.
    package let bits: UInt64

    init(bits: UInt64) {
        self.bits = bits
    }

    /// The fingerprint of the exact bytes of `1.root.json`.
    ///
    /// - Throws: ``CryptographyError`` when there is no memory for it.
    package init(of root: [UInt8]) throws(CryptographyError) {
        let stretched = try KeyDerivation.scrypt(
            root, salt: Array("tollgate-root-fingerprint-v1".utf8), n: 1 << 12, r: 8, p: 4,
            count: 8)
        self.bits = stretched.reduce(0) { $0 << 8 | UInt64($1) } >> (64 - Self.bitCount)
    }
}
