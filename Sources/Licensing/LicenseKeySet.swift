internal import CanonicalJSON
package import Cryptography
internal import Diagnostics

/// The keys that a vendor's license tokens are signed with: the signed target `keys/license.json`.
///
/// A JWK set (RFC 7517) of Ed25519 keys (RFC 8037). Keys of other kinds are passed over.
package struct LicenseKeySet: Sendable {
    private var keys: [(id: String, key: PublicKey)] = []

    /// A set without keys.
    package init() {}

    /// Reads a JWK set.
    ///
    /// - Throws: ``LicenseError`` with code `license.key-set`.
    package init(jwks bytes: [UInt8]) throws(LicenseError) {
        do {
            for element in try JSONReader(try parseJSON(bytes))["keys"].array() {
                guard try element["kty"].string() == "OKP",
                    try element["crv"].string() == "Ed25519"
                else { continue }
                let x = try element["x"]
                let id = try element["kid"]
                guard let raw = Base64URL.decode(try x.string()),
                    let key = try? PublicKey(ed25519: raw)
                else { throw x.failure(.invalidValue) }
                guard self[try id.nonEmptyString()] == nil else {
                    throw id.failure(.duplicateMember)
                }
                keys.append((try id.string(), key))
            }
        } catch {
            throw LicenseError(
                .licenseKeySet, "The list of license keys cannot be used.", cause: error)
        }
    }

    /// The set as JSON text.
    package var jwks: [UInt8] {
        let elements = keys.map { id, key -> JSONValue in
            [
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": .string(id),
                "x": .string(Base64URL.encode(key.rawEd25519 ?? [])),
            ]
        }
        return (["keys": .array(elements)] as JSONValue).prettyBytes
    }

    package var keyIDs: [String] { keys.map(\.id) }

    /// The key of that ID, or nil.
    package subscript(keyID: String) -> PublicKey? {
        keys.first { $0.id == keyID }?.key
    }

    /// Adds a key.
    ///
    /// - Parameters:
    ///   - key: an Ed25519 key
    ///   - keyID: its ID; nil: its thumbprint
    /// - Throws: ``LicenseError`` with code `license.key-set` when it is of another type, or when
    ///   another key has the ID.
    package mutating func add(_ key: PublicKey, keyID: String? = nil) throws(LicenseError) {
        let thumbprint = try Self.thumbprint(of: key)
        let id = keyID ?? thumbprint
        if let present = self[id] {
            guard present == key else {
                throw LicenseError(.licenseKeySet, "Two keys have the ID \"\(id)\".")
            }
            return
        }
        keys.append((id, key))
    }

    /// The ID of a key that follows from the key itself (RFC 7638; RFC 8037, appendix A.3).
    ///
    /// - Throws: ``LicenseError`` with code `license.key-set` when it is no Ed25519 key.
    package static func thumbprint(of key: PublicKey) throws(LicenseError) -> String {
        guard let raw = key.rawEd25519 else {
            throw LicenseError(.licenseKeySet, "A license key pair has to be Ed25519.")
        }
        let members: JSONValue = [
            "crv": "Ed25519", "kty": "OKP", "x": .string(Base64URL.encode(raw)),
        ]
        return Base64URL.encode(Digest.of(.sha256, members.compactBytes).bytes)
    }
}
