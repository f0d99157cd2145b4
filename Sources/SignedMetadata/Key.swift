package import CanonicalJSON
package import Cryptography

/// A public key as metadata lists it.
///
/// The key ID is a name and nothing more: which key it stands for says the file that lists it. A key
/// of a type, scheme or encoding that we do not read is kept, and never has a valid signature.
package struct Key: Hashable, Sendable {
    package let keyID: String
    /// The member `keytype`: `ed25519`, `ecdsa`, `rsa`.
    package let type: String
    /// The member `scheme`: `ed25519`, `ecdsa-sha2-nistp256`, `rsassa-pss-sha256`.
    package let scheme: String
    /// Hexadecimal for Ed25519, PEM for the others; empty when the key has none, as those that stand
    /// for an identity at some service.
    package let publicText: String
    /// The key to verify with, or nil when it is of a kind that we do not read.
    package let publicKey: PublicKey?
    private let signatureScheme: SignatureScheme?

    /// The Ed25519 key, named by the SHA-256 of its canonical JSON as the reference implementation
    /// does; nil when the key is of another type.
    package init?(_ key: PublicKey) {
        guard let raw = key.rawEd25519 else { return nil }
        type = "ed25519"
        scheme = "ed25519"
        publicText = Hex.encode(raw)
        publicKey = key
        signatureScheme = .ed25519
        let json = Self.json(type: type, scheme: scheme, publicText: publicText)
        guard let canonical = try? json.canonicalBytes() else { return nil }
        keyID = Digest.of(.sha256, canonical).hex
    }

    init(keyID: String, _ reader: JSONReader) throws(JSONError) {
        self.keyID = keyID
        type = try reader["keytype"].string()
        scheme = try reader["scheme"].string()
        publicText = try reader["keyval"].object()["public"]?.string ?? ""
        (publicKey, signatureScheme) = Self.read(type: type, scheme: scheme, publicText)
    }

    private static func read(
        type: String, scheme: String, _ text: String
    ) -> (PublicKey?, SignatureScheme?) {
        switch (type, scheme) {
        case ("ed25519", "ed25519"):
            (Hex.decode(text).flatMap { try? PublicKey(ed25519: $0) }, .ed25519)
        case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
            (read(pem: text, .ecdsaP256), .ecdsaP256SHA256)
        case ("rsa", "rsassa-pss-sha256"):
            (read(pem: text, .rsa), .rsaPSSSHA256)
        default: (nil, nil)
        }
    }

    private static func read(pem: String, _ type: KeyType) -> PublicKey? {
        guard let key = try? PublicKey(pem: pem), key.type == type else { return nil }
        return key
    }

    func isValidSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let publicKey, let signatureScheme else { return false }
        return publicKey.isValidSignature(signature, of: message, scheme: signatureScheme)
    }

    /// The key as a file lists it, without its ID.
    package var json: JSONValue {
        Self.json(type: type, scheme: scheme, publicText: publicText)
    }

    private static func json(type: String, scheme: String, publicText: String) -> JSONValue {
        [
            "keytype": .string(type), "keyval": ["public": .string(publicText)],
            "scheme": .string(scheme),
        ]
    }
}

/// Which keys speak for a role, and how many of them must.
package struct RoleKeys: Hashable, Sendable {
    /// In the file's order; one that occurs twice counts once.
    package let keyIDs: [String]
    /// At least 1.
    package let threshold: Int

    package init(keyIDs: [String], threshold: Int = 1) {
        self.keyIDs = keyIDs
        self.threshold = max(1, threshold)
    }

    init(_ reader: JSONReader) throws(JSONError) {
        keyIDs = try reader["keyids"].strings()
        let number = try reader["threshold"].integer()
        guard number >= 1, let threshold = Int(exactly: number) else {
            throw try reader["threshold"].failure(.invalidValue)
        }
        self.threshold = threshold
    }

    /// The members `keyids` and `threshold`.
    var members: JSONObject {
        ["keyids": .array(keyIDs.map { .string($0) }), "threshold": .integer(Int64(threshold))]
    }
}

/// The keys of one role, ready to verify with.
package struct RoleVerifier: Sendable {
    /// The role's name, for messages.
    let role: String
    let keys: [String: Key]
    let threshold: Int

    init(role: String, _ roleKeys: RoleKeys, among keys: [String: Key]) {
        self.role = role
        self.keys = keys.filter { roleKeys.keyIDs.contains($0.key) }
        threshold = roleKeys.threshold
    }
}

func readKeys(_ reader: JSONReader) throws(JSONError) -> [String: Key] {
    var keys: [String: Key] = [:]
    for (keyID, member) in try reader.members() {
        keys[keyID] = try Key(keyID: keyID, member)
    }
    return keys
}
