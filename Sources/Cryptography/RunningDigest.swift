internal import COpenSSL

/// A digest of bytes that arrive in pieces: the one owner of an `EVP_MD_CTX`.
package struct RunningDigest: ~Copyable {
    private let algorithm: HashAlgorithm
    private let context: OpaquePointer

    /// A digest of nothing yet.
    package init(_ algorithm: HashAlgorithm) {
        guard let context = EVP_MD_CTX_new() else { fatalError("EVP_MD_CTX_new: no memory") }
        requireSuccess(EVP_DigestInit_ex(context, algorithm.evp, nil) == 1, "EVP_DigestInit_ex")
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Takes the next bytes in.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let result = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        requireSuccess(result == 1, "EVP_DigestUpdate")
    }

    /// Takes the next bytes in.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all bytes taken in.
    package consuming func finish() -> Digest {
        let digest = [UInt8](unsafeUninitializedCapacity: algorithm.digestCount) { buffer, count in
            let result = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            requireSuccess(result == 1, "EVP_DigestFinal_ex")
            count = algorithm.digestCount
        }
        return Digest(trusted: digest, algorithm)
    }
}

// Unchecked because it holds a C pointer. An EVP_MD_CTX belongs to no thread, this is its only
// owner, and every use is mutating or consuming, so the compiler already lets one at a time in.
extension RunningDigest: @unchecked Sendable {}
