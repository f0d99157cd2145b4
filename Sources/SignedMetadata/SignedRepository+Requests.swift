import CanonicalJSON
import Cryptography
package import FoundationEssentials

extension SignedRepository {
    /// What to have signed where the keys are: the same roles that ``publishing(_:keys:now:reading:)``
    /// and ``renewing(_:expiringBefore:keys:now:reading:)`` would sign, without snapshot and timestamp.
    ///
    /// - Parameters:
    ///   - changes: later ones win
    ///   - plugins: those whose roles are signed anew as they are
    ///   - isDue: whether the top-level targets are signed anew in any case
    ///   - now: the present time
    ///   - read: the bytes of a file by its name
    /// - Returns: nil when nothing changes
    /// - Throws: ``TrustError``; what `read` throws.
    package func request(
        signing changes: [RepositoryChange], renewing plugins: [String], targetsToo isDue: Bool,
        now: Date, reading read: (String) throws -> [UInt8]?
    ) throws -> SigningRequest? {
        var draft = RepositoryDraft(of: self, keys: SignedElsewhere(), now: now)
        draft.topLevelChanged = isDue
        try draft.apply(changes, renewing: plugins, reading: read)
        guard !draft.written.isEmpty else { return nil }
        return try request(for: draft.written, reading: read)
    }

    /// The next root to have signed, and what has to be signed with it: all plugins' roles when the
    /// keys of targets change.
    ///
    /// - Throws: ``TrustError``; what `read` throws.
    package func request(
        rotatingTo roles: TopLevelKeys, now: Date, reading read: (String) throws -> [UInt8]?
    ) throws -> SigningRequest {
        let next = roles.root(version: root.version + 1, expires: lifetimes.expiry(.root, now))
        let unsigned = try SignedElsewhere().sign(next, role: "root", by: [])
        var draft = RepositoryDraft(of: self, keys: SignedElsewhere(), now: now)
        try draft.rotate(to: next, reading: read)
        let file = MetadataFile(name: "root.json", bytes: unsigned)
        return try request(for: [("root", file)] + draft.written, reading: read)
    }

    private func request(
        for files: [(role: String, file: MetadataFile)], reading read: (String) throws -> [UInt8]?
    ) throws -> SigningRequest {
        var present = JSONObject()
        func add(_ role: String, _ name: String) throws {
            guard let bytes = try read(name) else { throw TrustError.missing(name) }
            present[role] = try parseJSON(bytes)
        }
        let roots = try (1...root.version).map { version in
            let name = "\(version).root.json"
            guard let bytes = try read(name) else { throw TrustError.missing(name) }
            return try parseJSON(bytes)
        }
        try add("targets", "\(targets.version).targets.json")
        for (role, _) in files {
            guard let description = snapshot.description(of: role) else { continue }
            try add(role, "\(description.version).\(encodedFileName(role)).json")
        }
        let next = JSONObject(try files.map { ($0.role, try parseJSON($0.file.bytes)) })
        return try SigningRequest(roots: roots, present: present, next: next)
    }

    /// Takes in what was signed elsewhere; signs snapshot and timestamp.
    ///
    /// - Parameters:
    ///   - request: with enough signatures
    ///   - keys: the private keys of snapshot and timestamp, of a next root too
    ///   - now: the present time
    /// - Returns: the next state and its files
    /// - Throws: `trust.request-outdated` when other metadata was signed since, `trust.unsigned`,
    ///   `trust.threshold`, `trust.expired`, `trust.signing-key`.
    package func importing(
        _ request: SigningRequest, keys: SigningKeys, now: Date
    ) throws(TrustError) -> Publication {
        guard request.root == root else { throw .outdated("root") }
        guard request.targets == targets else { throw .outdated("targets") }
        var draft = RepositoryDraft(of: self, keys: keys, now: now)
        var nextRoot: (root: Root, files: [MetadataFile])?
        var areTargetsSignedByBoth = true
        for part in request.parts {
            let file = try UnverifiedMetadata(part.bytes, role: part.role)
            switch part.metadata {
            case .root(let next, _):
                for signers in part.signers { _ = try file.verified(as: Root.self, by: signers) }
                try check(next.expires, part.role, now)
                draft.follow(next)
                nextRoot = (
                    next,
                    ["\(next.version).root.json", "root.json"].map {
                        MetadataFile(name: $0, bytes: part.bytes)
                    }
                )
            case .targets(let next, let former):
                guard snapshot.description(of: part.role)?.version == former?.version else {
                    throw .outdated(part.role)
                }
                // The keys of before may be lost: then the root goes out first.
                _ = try file.verified(as: Targets.self, by: part.signers[0])
                for signers in part.signers.dropFirst()
                where file.validSignatures(by: signers) < signers.threshold {
                    areTargetsSignedByBoth = false
                }
                try check(next.expires, part.role, now)
                try draft.take(next, of: part.role, signed: part.bytes)
            }
        }
        guard let nextRoot else { return try draft.publication() }
        let rotated = [TopLevelRole.targets, .snapshot, .timestamp].filter {
            nextRoot.root.roleKeys(for: $0) != root.roleKeys(for: $0)
        }
        guard !rotated.isEmpty || request.parts.count > 1 else {
            return Publication(
                repository: SignedRepository(
                    root: nextRoot.root, targets: targets, snapshot: snapshot,
                    timestamp: timestamp, lifetimes: lifetimes),
                files: nextRoot.files)
        }
        let publication = try draft.publication()
        return Publication(
            repository: publication.repository,
            files: ordered(publication.files, after: nextRoot.files, of: nextRoot.root) {
                $0 == .targets ? areTargetsSignedByBoth : keys.canSign(for: root.roleKeys(for: $0))
            })
    }

    private func check(_ expires: Date, _ role: String, _ now: Date) throws(TrustError) {
        guard expires > now else { throw .expired(role, at: expires, now: now) }
    }
}
