internal import Cryptography
package import Diagnostics

/// The header `Tollgate-Signature`, which says that a check-in comes from the installation.
///
/// `v1=` and the hexadecimal HMAC-SHA-256 over the raw body with the installation's secret.
package enum CheckInSignature {
    package static let headerName = "Tollgate-Signature"
    private static let prefix = "v1="

    /// The header's value for a body.
    package static func make(body: [UInt8], secret: Secret<[UInt8]>) -> String {
        prefix + Hex.encode(HMAC.sha256(key: secret, message: body))
    }

    /// Whether a header's value is that of the body; compared in constant time.
    package static func isValid(
        _ header: String, body: [UInt8], secret: Secret<[UInt8]>
    ) -> Bool {
        guard header.hasPrefix(prefix),
            let code = Hex.decode(String(header.dropFirst(prefix.count)))
        else { return false }
        return constantTimeEqual(code, HMAC.sha256(key: secret, message: body))
    }
}

/// How an installation's secret is written on the wire and on disk: base64url.
package enum InstallationSecret {
    /// The text of a secret.
    package static func encode(_ bytes: [UInt8]) -> String { Base64URL.encode(bytes) }

    /// The secret's bytes, at least 32, or nil when the text is none.
    package static func decode(_ text: String) -> [UInt8]? {
        guard let bytes = Base64URL.decode(text), bytes.count >= 32 else { return nil }
        return bytes
    }
}
