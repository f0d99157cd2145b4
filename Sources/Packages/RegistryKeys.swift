package import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials

/// The vendor's public keys for registry signatures: `/-/npm/v1/keys` and `keys/registry.json`.
package struct RegistryKeys: Hashable, Sendable {
    /// One key, and from when on it no longer counts.
    package struct Entry: Hashable, Sendable {
        package let key: PublicKey
        /// Releases published at or after this moment are not taken from this key.
        package let expires: Date?

        /// - Throws: ``PackageError`` `registry.key-invalid` for a key that is not ECDSA P-256.
        package init(_ key: PublicKey, expires: Date? = nil) throws(PackageError) {
            guard key.type == .ecdsaP256 else {
                throw PackageError(
                    .registryKeyInvalid,
                    "A registry key is an ECDSA P-256 key, not \(key.type.rawValue).")
            }
            self.key = key
            self.expires = expires?.wholeSeconds
        }

        package var keyID: String { RegistrySignature.keyID(for: key) }
    }

    package let entries: [Entry]

    package init(_ entries: [Entry]) {
        self.entries = entries
    }

    /// Reads `{"keys":[{expires,keyid,keytype,scheme,key}]}`; keys of other schemes are passed over.
    ///
    /// - Throws: ``PackageError`` `registry.key-invalid`: not that JSON, a key that cannot be read,
    ///   a keyid that is not the key's own.
    package init(json: JSONValue) throws(PackageError) {
        do {
            var entries: [Entry] = []
            for member in try JSONReader(json)["keys"].array()
            where try member["scheme"].string() == Self.scheme {
                entries.append(try Entry(member))
            }
            self.entries = entries
        } catch let error as PackageError {
            throw error
        } catch {
            throw PackageError(
                .registryKeyInvalid, "The list of registry keys cannot be read: \(error).",
                cause: error)
        }
    }

    package var json: JSONValue {
        ["keys": .array(entries.map(\.json))]
    }

    /// Checks that one of these keys signed the release.
    ///
    /// A signature of a key that is not listed is passed over; a wrong one of a listed key is not.
    ///
    /// - Throws: ``PackageError`` `registry.signature-invalid`.
    package func verify(
        _ signatures: [RegistrySignature], name: PackageName, version: SemanticVersion,
        integrity: Integrity, published: Date
    ) throws(PackageError) {
        let message = RegistrySignature.message(name: name, version: version, integrity: integrity)
        var isSigned = false
        for signature in signatures {
            guard let entry = entries.first(where: { $0.keyID == signature.keyID }) else {
                continue
            }
            if let expires = entry.expires, published >= expires {
                throw PackageError(
                    .registrySignatureInvalid,
                    "\(name)@\(version) was published on \(published.wireDay), after its "
                        + "registry key \(entry.keyID) had expired on \(expires.wireDay).")
            }
            guard
                entry.key.isValidSignature(
                    signature.signature, of: message, scheme: .ecdsaP256SHA256)
            else {
                throw PackageError(
                    .registrySignatureInvalid,
                    "The signature of \(name)@\(version) by registry key \(entry.keyID) is wrong.")
            }
            isSigned = true
        }
        guard isSigned else {
            let keyIDs = signatures.map { quoted($0.keyID) }.joined(separator: ", ")
            throw PackageError(
                .registrySignatureInvalid,
                "None of the vendor's registry keys signed \(name)@\(version); it is signed by "
                    + "\(keyIDs.isEmpty ? "nobody" : keyIDs).")
        }
    }

    static let scheme = "ecdsa-sha2-nistp256"
}

extension RegistryKeys.Entry {
    var json: JSONValue {
        [
            "expires": expires.map { .string($0.wireText) } ?? .null,
            "keyid": .string(keyID),
            "keytype": .string(RegistryKeys.scheme),
            "scheme": .string(RegistryKeys.scheme),
            "key": .string(Base64.encode(key.spkiDER)),
        ]
    }

    init(_ reader: JSONReader) throws {
        let expires = try reader.optional("expires")?.wireDate()
        guard let der = Base64.decode(try reader["key"].string()) else {
            throw try reader["key"].failure(.invalidValue)
        }
        try self.init(PublicKey(spkiDER: der), expires: expires)
        guard try reader["keyid"].string() == keyID else {
            throw try reader["keyid"].failure(.invalidValue)
        }
    }
}
