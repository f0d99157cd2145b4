import Cryptography
import Diagnostics
import Licensing

/// License tokens: the input is a compact token, and the claims of one whose signature is right.
struct LicenseTokenParser: FuzzedParser {
    let name = "license-token"
    let dictionary = [
        "{", "}", "[", "]", "\"", ":", ",", ".", "eyJ", "\"iss\"", "\"sub\"", "\"exp\"", "\"iat\"",
        "\"mode\"", "\"standard\"", "\"offline\"", "\"plugins\"", "\"name\"", "\"instances\"",
        "\"updates_until\"", "null", "true", "\\u0000",
    ]

    private static let signer = try? PrivateKey(
        pem: Secret(
            """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
            -----END PRIVATE KEY-----
            """))
    /// The key of RFC 8032, section 7.1, test 1.
    private static let jwks = """
        {"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k",\
        "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
        """
    private static let header = Base64URL.encode(
        Array(#"{"alg":"EdDSA","kid":"k","typ":"license+jwt"}"#.utf8))

    func parse(_ input: [UInt8]) throws -> String {
        let first = try outcome(String(decoding: input, as: UTF8.self))
        guard let signer = Self.signer else { throw Violation("there is no key to sign with") }
        let signed = "\(Self.header).\(Base64URL.encode(input))"
        let signature = try signer.sign(Array(signed.utf8), scheme: .ed25519)
        let second = try outcome("\(signed).\(Base64URL.encode(signature))")
        try Violation.unless(
            second != "license.signature", "a signature that is right is refused")
        return "\(first) \(second)"
    }

    private func outcome(_ compact: String) throws -> String {
        do {
            let keys = try LicenseKeySet(jwks: Array(Self.jwks.utf8))
            let token = try UnverifiedLicenseToken(compact).verified(by: keys)
            return "\(token.claims.mode) \(token.claims.instances.count)"
        } catch {
            return error.code.name
        }
    }
}
