import CanonicalJSON
import Cryptography

/// The bytes of a metadata file of which nobody has checked anything but that they are a signed
/// envelope: `{"signatures": […], "signed": {…}}`.
///
/// What it says can only be had from ``verified(as:by:)``.
package struct UnverifiedMetadata: Sendable {
    private let role: String
    private let signatures: [(keyID: String, signature: String)]
    private let signed: JSONValue
    /// What the signatures are over: the canonical form of all of `signed`, fields that we do not
    /// know included (specification, section 4.1).
    private let signedBytes: [UInt8]

    /// - Parameters:
    ///   - bytes: the file
    ///   - role: whose metadata it should be; for messages
    /// - Throws: `trust.malformed`, also when two signatures have one key ID (section 4.2.1).
    package init(_ bytes: [UInt8], role: String) throws(TrustError) {
        do {
            let reader = JSONReader(try parseJSON(bytes))
            var signatures: [(keyID: String, signature: String)] = []
            var seen: Set<String> = []
            for entry in try reader["signatures"].array() {
                let keyID = try entry["keyid"].string()
                guard seen.insert(keyID).inserted else { throw entry.failure(.duplicateMember) }
                signatures.append((keyID, try entry["sig"].string()))
            }
            signed = try reader["signed"].value
            signedBytes = try signed.canonicalBytes()
            self.signatures = signatures
            self.role = role
        } catch {
            throw .malformed(role, error)
        }
    }

    /// What the file says, once a threshold of the role's keys has signed it.
    ///
    /// - Throws: `trust.unsigned`, `trust.threshold`, `trust.mix-and-match` for another type,
    ///   `trust.malformed`.
    package func verified<Role: RoleMetadata>(
        as type: Role.Type, by verifier: RoleVerifier
    ) throws(TrustError) -> Role {
        try verify(by: verifier)
        return try read(as: type)
    }

    /// The root that the file says it is, once its own keys have signed it: the first root, which is
    /// trusted for where it comes from, and the second half of the rule for every later one.
    func verifiedByItself() throws(TrustError) -> Root {
        let root = try read(as: Root.self)
        try verify(by: root.verifier(for: .root))
        return root
    }

    private func verify(by verifier: RoleVerifier) throws(TrustError) {
        let valid = validSignatures(by: verifier)
        guard valid >= verifier.threshold else {
            throw .signatures(role, valid: valid, threshold: verifier.threshold)
        }
    }

    /// By how many of a role's keys the file is signed.
    func validSignatures(by verifier: RoleVerifier) -> Int {
        // Keys, not key IDs, are counted: one key under two names is still one signer.
        var signers: Set<PublicKey> = []
        for (keyID, text) in signatures {
            guard let key = verifier.keys[keyID], let publicKey = key.publicKey,
                let signature = Hex.decode(text),
                key.isValidSignature(signature, of: signedBytes)
            else { continue }
            signers.insert(publicKey)
        }
        return signers.count
    }

    /// What the file says, whoever signed it: for who is asked to.
    func unverified<Role: RoleMetadata>(as type: Role.Type) throws(TrustError) -> Role {
        try read(as: type)
    }

    private func read<Role: RoleMetadata>(as type: Role.Type) throws(TrustError) -> Role {
        let reader = JSONReader(signed, path: "signed")
        let found: String
        do {
            found = try reader["_type"].string()
        } catch {
            throw .malformed(role, error)
        }
        guard found == Role.type.rawValue else { throw .wrongType(role, found: found) }
        do {
            return try Role(reader)
        } catch {
            throw .malformed(role, error)
        }
    }
}
