package import CanonicalJSON
package import Cryptography
import Diagnostics

/// One of a release's `dist.signatures`, which npm's own tooling checks (`npm audit signatures`).
///
/// ECDSA P-256 with SHA-256, DER, over the UTF-8 bytes of `name@version:sha512-…`
/// (<https://docs.npmjs.com/about-registry-signatures>).
package struct RegistrySignature: Hashable, Sendable {
    /// `SHA256:` and the unpadded base64 of SHA-256 over the key's ssh wire blob.
    package let keyID: String
    /// DER.
    package let signature: [UInt8]

    package init(keyID: String, signature: [UInt8]) {
        self.keyID = keyID
        self.signature = signature
    }

    /// Signs a release.
    ///
    /// - Throws: ``PackageError`` `registry.key-invalid` for a key that is not ECDSA P-256 or that
    ///   OpenSSL cannot sign with.
    package static func sign(
        name: PackageName, version: SemanticVersion, integrity: Integrity, with key: PrivateKey
    ) throws(PackageError) -> RegistrySignature {
        guard key.publicKey.type == .ecdsaP256 else {
            throw PackageError(
                .registryKeyInvalid,
                "The registry signs with ECDSA P-256, not with \(key.publicKey.type.rawValue).")
        }
        let message = message(name: name, version: version, integrity: integrity)
        do {
            let signature = try key.sign(message, scheme: .ecdsaP256SHA256)
            return RegistrySignature(keyID: keyID(for: key.publicKey), signature: signature)
        } catch {
            throw PackageError(
                .registryKeyInvalid, "\(name)@\(version) could not be signed.", cause: error)
        }
    }

    /// What ssh-keygen and npm call the key.
    package static func keyID(for key: PublicKey) -> String {
        let digest = Digest.of(.sha256, key.sshWireBlob)
        return "SHA256:\(Base64.encode(digest.bytes).prefix { $0 != "=" })"
    }

    /// The bytes that are signed, without a newline.
    package static func message(
        name: PackageName, version: SemanticVersion, integrity: Integrity
    ) -> [UInt8] {
        Array("\(name)@\(version):\(integrity)".utf8)
    }
}

extension RegistrySignature {
    package var json: JSONValue {
        ["keyid": .string(keyID), "sig": .string(Base64.encode(signature))]
    }

    /// Reads `{keyid, sig}`.
    ///
    /// - Throws: ``JSONError`` for a member that is missing or wrong.
    package init(_ reader: JSONReader) throws(JSONError) {
        keyID = try reader["keyid"].string()
        guard let signature = Base64.decode(try reader["sig"].string()) else {
            throw try reader["sig"].failure(.invalidValue)
        }
        self.signature = signature
    }
}
