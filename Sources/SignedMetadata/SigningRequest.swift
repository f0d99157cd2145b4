import CanonicalJSON
package import Cryptography
import Diagnostics
import FoundationEssentials

/// Metadata that waits for the signatures of keys which are not on the gateway.
///
/// It has what is to be signed, the present metadata that it follows, and the signatures that were
/// made so far, so that several people can sign one after the other. Whoever signs checks it: the
/// present root by all before it, the present files by the keys that it names, each new file as the
/// very next version. A file that was changed on the way is signed as it says, or not at all; so what
/// it says is for the signer to read: ``parts``.
package struct SigningRequest: Sendable {
    /// One role's next metadata.
    package struct Part: Sendable {
        package let role: String
        package let metadata: Metadata
        /// Who has to sign: two groups while keys are replaced.
        let signers: [RoleVerifier]
        fileprivate let signed: JSONValue
        fileprivate(set) var signatures: [JSONValue]
    }

    /// What a part says, beside what was there before.
    package enum Metadata: Sendable {
        case root(Root, former: Root)
        /// The top-level role or a plugin's.
        case targets(Targets, former: Targets?)
    }

    /// The SHA-256 of the vendor's first root, from which all roots up to the present one follow: the
    /// signer compares it with the one that `tollgate init` printed, or with that of last time.
    package let firstRoot: Digest
    package let root: Root
    package let targets: Targets
    package internal(set) var parts: [Part]
    /// From the first to the present one.
    private let roots: [JSONValue]
    /// The other files as they are now, by role.
    private let present: JSONObject

    private static let format = "tollgate-signing-request/1"

    /// Reads and checks a request, signed or not.
    ///
    /// - Throws: `trust.malformed`; `trust.unsigned`, `trust.threshold` for present metadata that
    ///   nobody signed; `trust.rollback` for a version that is not the next one.
    package init(reading bytes: [UInt8]) throws(TrustError) {
        let members: (roots: [JSONValue], present: JSONObject, next: JSONObject)
        do {
            let reader = JSONReader(try parseJSON(bytes))
            guard try reader["format"].string() == Self.format else {
                throw try reader["format"].failure(.invalidValue)
            }
            members = (
                try reader["roots"].array().map(\.value), try reader["present"].object(),
                try reader["next"].object()
            )
        } catch {
            throw TrustError(
                .trustMalformed, "This is no request for signatures.",
                remedy: "Name a file that `tollgate keys export-unsigned` or `keys sign` wrote.",
                cause: error)
        }
        try self.init(roots: members.roots, present: members.present, next: members.next)
    }

    init(roots: [JSONValue], present: JSONObject, next: JSONObject) throws(TrustError) {
        self.roots = roots
        self.present = present
        let first = roots.first?.compactBytes ?? []
        firstRoot = Digest.of(.sha256, first)
        var trusted = try TrustedMetadata(trustedRoot: first, now: .distantPast)
        for later in roots.dropFirst() { try trusted.updateRoot(later.compactBytes) }
        root = trusted.root
        let rootRole = TopLevelRole.root.rawValue
        let targetsRole = TopLevelRole.targets.rawValue
        targets = try Self.file(targetsRole, in: present)
            .verified(as: Targets.self, by: root.verifier(for: .targets))
        let nextRoot =
            next[rootRole] == nil
            ? nil : try Self.file(rootRole, in: next).unverified(as: Root.self)
        let nextTargets =
            next[targetsRole] == nil
            ? nil : try Self.file(targetsRole, in: next).unverified(as: Targets.self)
        parts = []
        for (role, envelope) in next {
            let (metadata, signers): (Metadata, [RoleVerifier])
            switch role {
            case rootRole:
                guard let nextRoot else { continue }
                metadata = .root(nextRoot, former: root)
                signers = [nextRoot.verifier(for: .root), root.verifier(for: .root)]
                try Self.check(nextRoot.version, follows: root.version, role)
            case targetsRole:
                guard let nextTargets else { continue }
                metadata = .targets(nextTargets, former: targets)
                signers = [nextRoot ?? root, root].map { $0.verifier(for: .targets) }
                try Self.check(nextTargets.version, follows: targets.version, role)
                try Self.check(nextTargets, delegatesAsOrdered: nextRoot ?? root)
            default:
                let former: Targets?
                if let verifier = targets.delegations?.verifier(for: role), present[role] != nil {
                    former = try Self.file(role, in: present)
                        .verified(as: Targets.self, by: verifier)
                } else {
                    former = nil
                }
                let new = try Self.file(role, in: next).unverified(as: Targets.self)
                guard let verifier = (nextTargets ?? targets).delegations?.verifier(for: role)
                else { throw .malformed(role, "nothing is delegated to it") }
                metadata = .targets(new, former: former)
                signers = [verifier]
                try Self.check(new.version, follows: former?.version ?? 0, role)
            }
            parts.append(try Part(role, envelope, metadata, signers))
        }
        guard !parts.isEmpty else { throw .malformed(rootRole, "there is nothing to sign") }
    }

    private static func file(
        _ role: String, in files: JSONObject
    ) throws(TrustError) -> UnverifiedMetadata {
        guard let envelope = files[role] else { throw .missing("\(role).json") }
        return try UnverifiedMetadata(envelope.compactBytes, role: role)
    }

    private static func check(
        _ version: Int64, follows former: Int64, _ role: String
    ) throws(TrustError) {
        guard version == former + 1 else {
            throw .rollback("\(role).json", version: version, trusted: former)
        }
    }

    /// Each role below is a plugin's, for its own paths, with the keys of targets: no request makes
    /// a signer trust another key with anything.
    private static func check(
        _ targets: Targets, delegatesAsOrdered root: Root
    ) throws(TrustError) {
        let keys = root.roleKeys(for: .targets)
        guard let delegations = targets.delegations else { return }
        let isOrdered =
            delegations.bins == nil
            && delegations.keys.allSatisfy { root.keys[$0.key] == $0.value }
            && delegations.roles.allSatisfy { $0.roleKeys == keys && PluginRole.isOrdered($0) }
        guard isOrdered else {
            throw .malformed("targets", "it trusts others than the keys of targets with plugins")
        }
    }

    /// The keys count, not their IDs: those are names that whoever writes a file gives.
    private var changesKeysOfTargets: Bool {
        guard let next = nextRoot?.verifier(for: .targets) else { return false }
        let present = root.verifier(for: .targets)
        return next.keys != present.keys || next.threshold != present.threshold
    }

    private var nextRoot: Root? {
        for part in parts {
            if case .root(let next, _) = part.metadata { return next }
        }
        return nil
    }

    private var isRootSigned: Bool {
        parts.allSatisfy { part in
            guard part.role == TopLevelRole.root.rawValue else { return true }
            return part.progress.signed >= part.progress.threshold
        }
    }

    /// The request as a file.
    package var bytes: [UInt8] {
        JSONValue.object([
            "format": .string(Self.format),
            "next": .object(JSONObject(parts.map { ($0.role, $0.envelope) })),
            "present": .object(present),
            "roots": .array(roots),
        ]).prettyBytes
    }

    /// Signs what the key is for.
    ///
    /// Where other keys are to be trusted with targets, the root says so first: what is delegated to
    /// them is signed once enough of the root's keys have signed that they are the right ones.
    ///
    /// - Returns: the roles that it signed
    /// - Throws: `trust.signing-key` when it is for none of them, `trust.threshold` when the root has to
    ///   be signed before.
    package mutating func sign(with key: PrivateKey) throws(TrustError) -> [String] {
        let isRootFirst = changesKeysOfTargets && !isRootSigned
        var signed: [String] = []
        for index in parts.indices
        where !isRootFirst || parts[index].role == TopLevelRole.root.rawValue {
            if try parts[index].sign(with: key) { signed.append(parts[index].role) }
        }
        guard !signed.isEmpty || !isRootFirst else {
            throw TrustError(
                .trustThreshold,
                "The request changes who signs targets, and the root that says so is not signed yet.",
                remedy: "Have those sign it first who have the root's keys.")
        }
        guard !signed.isEmpty else {
            let roles = parts.map(\.role).joined(separator: ", ")
            throw TrustError(
                .trustSigningKey,
                "The key is for none of the roles that are to be signed: \(roles).",
                remedy: "Name the private key that the root lists for one of them.")
        }
        return signed
    }
}

extension SigningRequest.Part {
    fileprivate init(
        _ role: String, _ envelope: JSONValue, _ metadata: SigningRequest.Metadata,
        _ signers: [RoleVerifier]
    ) throws(TrustError) {
        self.role = role
        self.metadata = metadata
        self.signers = signers
        signed = envelope["signed"] ?? .null
        signatures = envelope["signatures"]?.array ?? []
        let known =
            switch metadata {
            case .root(let root, _): root.json
            case .targets(let targets, _): targets.json
            }
        let isKnown: Bool
        do {
            isKnown = try known.canonicalBytes() == signed.canonicalBytes()
        } catch {
            throw .malformed(role, error)
        }
        // Nobody signs what nobody was shown.
        guard isKnown else { throw .malformed(role, "it has members that are not known here") }
    }

    package var version: Int64 {
        switch metadata {
        case .root(let root, _): root.version
        case .targets(let targets, _): targets.version
        }
    }

    /// How many of the keys signed, and how many have to, of the group that lacks the most.
    package var progress: (signed: Int, threshold: Int) {
        guard let file = try? UnverifiedMetadata(envelope.compactBytes, role: role) else {
            return (0, 1)
        }
        return signers.map { (file.validSignatures(by: $0), $0.threshold) }
            .min { $0.0 - $0.1 < $1.0 - $1.1 } ?? (0, 1)
    }

    fileprivate var envelope: JSONValue {
        ["signatures": .array(signatures), "signed": signed]
    }

    /// The file as it is published.
    var bytes: [UInt8] { envelope.compactBytes }

    /// - Returns: whether the key is one of the role's
    fileprivate mutating func sign(with key: PrivateKey) throws(TrustError) -> Bool {
        let keyIDs = Set(
            signers.flatMap { signer in
                signer.keys.filter { $0.value.publicKey == key.publicKey }.map(\.key)
            })
        guard !keyIDs.isEmpty else { return false }
        for keyID in keyIDs.sorted() {
            signatures.removeAll { $0["keyid"]?.string == keyID }
            do {
                let signature = try key.sign(signed.canonicalBytes(), scheme: .ed25519)
                signatures.append([
                    "keyid": .string(keyID), "sig": .string(Hex.encode(signature)),
                ])
            } catch {
                throw .signingFailed(role, error)
            }
        }
        return true
    }
}
