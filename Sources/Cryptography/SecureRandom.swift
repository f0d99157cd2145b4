internal import COpenSSL

/// Random bytes that nobody can foresee.
package enum SecureRandom {
    /// That many bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            requireSuccess(RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "RAND_bytes")
            initialized = count
        }
    }
}
