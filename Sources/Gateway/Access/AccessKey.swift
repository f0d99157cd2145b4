import Cryptography
package import Diagnostics
package import Storage

/// A license's access key pair as the customer has it: user name and password of NocoBase's command
/// line, of `npm login` and of Basic authentication.
package struct AccessKey: Sendable {
    /// `tak_…`, the user name.
    package let id: String
    /// `tas_…`, the password.
    package let secret: Secret<String>

    /// A new pair.
    package static func make() -> AccessKey {
        AccessKey(
            id: "tak_" + Hex.encode(SecureRandom.bytes(12)),
            secret: Secret("tas_" + Base64URL.encode(SecureRandom.bytes(24))))
    }

    /// What is kept of it.
    package func record(ofLicense license: String) -> AccessKeyRecord {
        AccessKeyRecord(id: id, license: license, digest: Self.digest(of: secret.reveal()))
    }

    static func digest(of secret: String) -> Digest {
        Digest.of(.sha256, Array(secret.utf8))
    }
}

extension AccessKeyRecord {
    /// Whether the secret is this pair's; takes as long for a wrong one as for the right one.
    func isSecret(_ text: String) -> Bool {
        constantTimeEqual(digest.bytes, AccessKey.digest(of: text).bytes)
    }
}
