internal import COpenSSL

/// A hash function, by the name that metadata and manifests use.
package enum HashAlgorithm: String, Sendable, CaseIterable {
    /// Only for `dist.shasum`, which npm's protocol asks for; nothing is trusted by it.
    case sha1
    case sha256
    case sha512

    /// How many bytes a digest has.
    package var digestCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }

    var evp: OpaquePointer? {
        switch self {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha512: EVP_sha512()
        }
    }
}
