internal import COpenSSL

/// The hash of some bytes, with the function that made it.
package struct Digest: Hashable, Sendable {
    package let algorithm: HashAlgorithm
    /// As many as the algorithm gives.
    package let bytes: [UInt8]

    /// A digest from its bytes, or nil when their number is not the algorithm's.
    package init?(_ algorithm: HashAlgorithm, bytes: [UInt8]) {
        guard bytes.count == algorithm.digestCount else { return nil }
        self.init(trusted: bytes, algorithm)
    }

    /// A digest from its hexadecimal digits, or nil when they are not the algorithm's.
    package init?(_ algorithm: HashAlgorithm, hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    /// The same from digits that are in memory already.
    package init?(_ algorithm: HashAlgorithm, hexDigits: UnsafeRawBufferPointer) {
        guard let bytes = Hex.decode(digits: hexDigits) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    init(trusted bytes: [UInt8], _ algorithm: HashAlgorithm) {
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Lower-case hexadecimal digits.
    package var hex: String { Hex.encode(bytes) }

    /// The digest of these bytes.
    package static func of(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) -> Digest {
        let digest = [UInt8](unsafeUninitializedCapacity: algorithm.digestCount) { buffer, count in
            let result = EVP_Digest(
                bytes, bytes.count, buffer.baseAddress, nil, algorithm.evp, nil)
            requireSuccess(result == 1, "EVP_Digest")
            count = algorithm.digestCount
        }
        return Digest(trusted: digest, algorithm)
    }
}

extension Digest: CustomStringConvertible {
    package var description: String { "\(algorithm.rawValue):\(hex)" }
}
