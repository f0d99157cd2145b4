package import CanonicalJSON
internal import Cryptography
internal import Diagnostics

/// A license token as it came: its form is right, and nothing that it says may be believed.
///
/// A JWS in compact form (RFC 7515, section 3.1) with `alg` `EdDSA` (RFC 8037), `typ` `license+jwt`
/// and a `kid`. All that the standard leaves open is refused: other algorithms (RFC 8725,
/// section 3.1), `crit`, a member name twice, base64url with a second spelling.
package struct UnverifiedLicenseToken: Sendable {
    package static let maximumBytes = 64 * 1024

    /// `kid`: which of the vendor's license keys it says that it is signed with.
    package let keyID: String
    private let compact: String
    private let payload: [UInt8]
    private let signature: [UInt8]

    /// A token from its compact text, without anything around it.
    ///
    /// - Throws: ``LicenseError`` with code `license.token-format`.
    package init(_ compact: String) throws(LicenseError) {
        let byteCount = compact.utf8.count
        guard byteCount <= Self.maximumBytes else {
            throw Self.malformed("The token has \(byteCount) bytes; 65536 are allowed.")
        }
        let segments = compact.utf8.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard segments.count == 3 else {
            throw Self.malformed("The token has \(segments.count) parts between dots, not 3.")
        }
        guard let header = Base64URL.decode(String(Substring(segments[0]))),
            let payload = Base64URL.decode(String(Substring(segments[1]))),
            let signature = Base64URL.decode(String(Substring(segments[2])))
        else { throw Self.malformed("A part of the token is not base64url in its one spelling.") }
        guard !payload.isEmpty, signature.count == 64 else {
            throw Self.malformed(
                """
                The token's payload has \(payload.count) bytes and its signature \
                \(signature.count), which has to be 64.
                """)
        }
        self.keyID = try Self.keyID(inHeader: header)
        self.compact = compact
        self.payload = payload
        self.signature = signature
    }

    /// Verifies the signature, and only then reads the claims.
    ///
    /// - Throws: ``LicenseError`` with code `license.signer-unknown`, `license.signature` or
    ///   `license.claims`.
    package func verified(by keys: LicenseKeySet) throws(LicenseError) -> VerifiedLicenseToken {
        guard let key = keys[keyID] else {
            let known = keys.keyIDs.map { "\"\($0)\"" }.joined(separator: ", ")
            throw LicenseError(
                .licenseSignerUnknown,
                """
                The token is signed with the key "\(keyID)"; \
                \(known.isEmpty ? "no list of the vendor's keys is here" : "the vendor's list has \(known)").
                """)
        }
        // What is signed is everything before the second dot (RFC 7515, section 5.2).
        let end = compact.utf8.lastIndex(of: UInt8(ascii: ".")) ?? compact.endIndex
        let signed = Array(compact.utf8[..<end])
        guard key.isValidSignature(signature, of: signed, scheme: .ed25519) else {
            throw LicenseError(
                .licenseSignature, "The signature does not fit the token and the key \"\(keyID)\".")
        }
        return try readTrusted()
    }

    /// Reads the claims, for who has verified the signature or made it.
    ///
    /// - Throws: ``LicenseError`` with code `license.claims`.
    func readTrusted() throws(LicenseError) -> VerifiedLicenseToken {
        let json: JSONValue
        do {
            json = try parseJSON(payload)
        } catch {
            throw LicenseError(.licenseClaims, "The token's claims are not JSON.", cause: error)
        }
        return VerifiedLicenseToken(compact: compact, claims: try LicenseClaims(json: json))
    }

    /// The root that the token brings along, which nobody has verified: it has to prove itself.
    package var unverifiedRoot: JSONValue? { (try? parseJSON(payload))?["root"] }

    private static func keyID(inHeader bytes: [UInt8]) throws(LicenseError) -> String {
        let algorithm: String
        let type: String
        let keyID: String
        let isCritical: Bool
        do {
            let header = JSONReader(try parseJSON(bytes))
            algorithm = try header["alg"].string()
            type = try header["typ"].string()
            keyID = try header["kid"].nonEmptyString()
            isCritical = try header.object()["crit"] != nil
        } catch {
            throw LicenseError(
                .licenseTokenFormat, "The token's header cannot be read.", cause: error)
        }
        guard algorithm == "EdDSA" else {
            throw malformed("The token's algorithm is \"\(algorithm)\", not \"EdDSA\".")
        }
        guard type == "license+jwt" else {
            throw malformed("The token's type is \"\(type)\", not \"license+jwt\".")
        }
        guard !isCritical else { throw malformed("The token asks for extensions (\"crit\").") }
        return keyID
    }

    private static func malformed(_ message: String) -> LicenseError {
        LicenseError(.licenseTokenFormat, message)
    }
}
