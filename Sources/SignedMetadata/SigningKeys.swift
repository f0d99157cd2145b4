import CanonicalJSON
package import Cryptography

/// Who signs what is drafted.
protocol MetadataSigner: Sendable {
    /// A signed file; see ``SigningKeys/sign(_:role:by:)``.
    func sign(
        _ metadata: some RoleMetadata, role: String, by signers: [RoleKeys]
    ) throws(TrustError) -> [UInt8]

    /// Whether the signers' threshold can be reached.
    func canSign(for signer: RoleKeys) -> Bool
}

/// Leaves the signatures to those who have the keys.
struct SignedElsewhere: MetadataSigner {
    func sign(
        _ metadata: some RoleMetadata, role: String, by signers: [RoleKeys]
    ) throws(TrustError) -> [UInt8] {
        JSONValue.object(["signatures": [], "signed": metadata.json]).compactBytes
    }

    func canSign(for signer: RoleKeys) -> Bool { true }
}

/// The private keys that are at hand, found by the ID of their public half.
package struct SigningKeys: MetadataSigner {
    private var privateKeys: [String: PrivateKey] = [:]

    /// Ed25519 keys; of others, which are read but not written, none is taken.
    package init(_ keys: [PrivateKey]) {
        for key in keys {
            guard let publicKey = Key(key.publicKey) else { continue }
            privateKeys[publicKey.keyID] = key
        }
    }

    /// A signed file.
    ///
    /// Every key of the role that is at hand signs. The signatures are over canonical JSON; the file
    /// is not: canonical JSON leaves control characters in strings as they are, and no parser would
    /// read it.
    ///
    /// - Parameters:
    ///   - metadata: the signed part
    ///   - role: its name, for messages
    ///   - signers: who must sign, each with its threshold: two while keys are rotated
    /// - Returns: the bytes of the file
    /// - Throws: `trust.signing-key` when a threshold cannot be reached.
    func sign(
        _ metadata: some RoleMetadata, role: String, by signers: [RoleKeys]
    ) throws(TrustError) -> [UInt8] {
        let signed = metadata.json
        let signedBytes: [UInt8]
        do {
            signedBytes = try signed.canonicalBytes()
        } catch {
            throw .malformed(role, error)
        }
        var signatures: [JSONValue] = []
        var seen: Set<String> = []
        for signer in signers {
            let keyIDs = Set(signer.keyIDs)
            let atHand = keyIDs.filter { privateKeys[$0] != nil }
            guard atHand.count >= signer.threshold else {
                throw .signingKeys(role, have: atHand.count, threshold: signer.threshold)
            }
            for keyID in atHand.sorted() where seen.insert(keyID).inserted {
                signatures.append([
                    "keyid": .string(keyID),
                    "sig": .string(
                        Hex.encode(try signature(of: signedBytes, keyID: keyID, role: role))),
                ])
            }
        }
        return JSONValue.object(["signatures": .array(signatures), "signed": signed]).compactBytes
    }

    /// These keys and more.
    package func adding(_ keys: [PrivateKey]) -> SigningKeys {
        var all = self
        all.privateKeys.merge(SigningKeys(keys).privateKeys) { $1 }
        return all
    }

    /// Whether enough of the signers' keys are at hand; in a rotation an old one may be lost.
    package func canSign(for signer: RoleKeys) -> Bool {
        Set(signer.keyIDs).filter { privateKeys[$0] != nil }.count >= signer.threshold
    }

    private func signature(
        of bytes: [UInt8], keyID: String, role: String
    ) throws(TrustError) -> [UInt8] {
        guard let key = privateKeys[keyID] else {
            throw .signingKeys(role, have: 0, threshold: 1)
        }
        do {
            return try key.sign(bytes, scheme: .ed25519)
        } catch {
            throw .signingFailed(role, error)
        }
    }
}
