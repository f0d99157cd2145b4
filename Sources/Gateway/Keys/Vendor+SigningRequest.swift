import CanonicalJSON
package import Cryptography
import Diagnostics
import FoundationEssentials
package import Packages
package import SignedMetadata
package import Storage

/// How long before its end metadata is put into a request: people have to meet for it.
private let requestBeforeExpiry: TimeInterval = 60 * 86_400
/// How long before its end the log warns of it.
private let warningBeforeExpiry: TimeInterval = 30 * 86_400

/// What a key elsewhere signs: asked for by a request, brought back in it.
extension Vendor {
    /// What to have signed.
    package enum Requested: Sendable {
        /// Releases, the vendor's files, and what of them expires.
        case targets
        /// The next root: with the keys that are said, with license keys that it does not list yet,
        /// with the key of a rotation that waits for it, or the same again.
        case root([TopLevelRole: (keys: [PublicKey], threshold: Int)])
    }

    /// - Returns: nil when nothing waits for a signature
    /// - Throws: ``TrustError``, ``StorageError``.
    package func signingRequest(_ requested: Requested) async throws -> SigningRequest? {
        try await whileAloneSigning {
            _ = try await goOnWithRotation(KeyFile(of: .root, in: folder.keys))
            try await signMetadataAlone()
            let repository = try await onBlockingThread { try signedRepository() }
            switch requested {
            case .targets:
                guard settings.signing == .offline else { return nil }
                return try await request(targetsOf: repository)
            case .root(let changed):
                let listed = try parseJSON(try await signedFile(SignedFileRecord.licenseKeys))
                return try await onBlockingThread {
                    try request(rootOf: repository, changed, licenseKeys: listed)
                }
            }
        }
    }

    private func request(targetsOf repository: SignedRepository) async throws -> SigningRequest? {
        let deadline = now().addingTimeInterval(requestBeforeExpiry)
        let plugins = try await records.releases.unsignedPlugins(expiringBefore: deadline)
        let changes = try await changes(of: plugins, since: repository)
        let changed = Set(
            changes.compactMap { change -> String? in
                if case .setRelease(let plugin, _) = change { plugin } else { nil }
            })
        var due: [String] = []
        for plugin in plugins where !changed.contains(plugin.name.description) {
            let found = try await differences(of: plugin.name, in: repository)
            if let until = found.until, until < deadline { due.append(plugin.name.description) }
        }
        return try await onBlockingThread { [due] in
            try repository.request(
                signing: changes, renewing: due,
                targetsToo: repository.targets.expires < deadline, now: now(),
                reading: metadataFile)
        }
    }

    private func request(
        rootOf repository: SignedRepository,
        _ changed: [TopLevelRole: (keys: [PublicKey], threshold: Int)], licenseKeys: JSONValue
    ) throws -> SigningRequest {
        var roles = TopLevelKeys(of: repository.root)
        for (role, group) in changed {
            try roles.set(role, group.keys, threshold: group.threshold)
        }
        roles.licenseKeys = licenseKeys
        if let begun = try KeyRotation(unfinishedIn: folder.keys), let role = begun.key.role,
            !repository.root.roleKeys(for: role).keyIDs.contains(begun.newKeyID),
            let next = try begun.file(in: folder.keys).next.key()
        {
            try roles.replace(begun.oldKeyID, of: role, with: next.publicKey)
        }
        return try repository.request(rotatingTo: roles, now: now(), reading: metadataFile)
    }

    /// Publishes what was signed elsewhere.
    ///
    /// - Returns: the releases that readers see from now on
    /// - Throws: `trust.request-outdated`, `trust.unsigned`, `trust.threshold` and other
    ///   ``TrustError``, ``StorageError``.
    package func importSigned(
        _ request: SigningRequest, by actor: Actor
    ) async throws -> [Release] {
        try await whileAloneSigning {
            let deadline = now().addingTimeInterval(requestBeforeExpiry)
            // What an import before this one wrote before it was stopped.
            try await markSigned(records.releases.unsignedPlugins(expiringBefore: deadline))
            let plugins = try await records.releases.unsignedPlugins(expiringBefore: deadline)
            try await requireUnchanged(request)
            let publication = try await onBlockingThread {
                try signedRepository().importing(
                    request, keys: keyRing.reloaded().keys.signing, now: now())
            }
            let releases = try await records.releases.awaitingSignature().map(\.release).filter {
                request.describes($0)
            }
            // The records follow the metadata, here and, when this is stopped, at the next signing:
            // no reader sees what nobody signed.
            try await onBlockingThread { try write(publication.files) }
            try await markSigned(plugins)
            try await records.audit.addOnce(
                "metadata.import", of: "metadata", by: actor, at: now(),
                detail: [
                    "roles": .object(
                        JSONObject(
                            request.parts.map { ($0.role, .integer($0.version)) }))
                ])
            _ = try await goOnWithRotation(KeyFile(of: .root, in: folder.keys))
            try await signMetadataAlone()
            return releases
        }
    }

    /// - Throws: `trust.request-outdated` when the records say something else of what was signed.
    private func requireUnchanged(_ request: SigningRequest) async throws {
        for part in request.parts {
            guard case .targets(let next, let former) = part.metadata else { continue }
            for (path, target) in next.targets where former?.targets[path] != target {
                if let address = ReleaseAddress(targetPath: path) {
                    let record = try await records.releases.allReleases(of: address.name)
                        .onceSigned.first { $0.release.version == address.version }
                    guard let release = record?.release,
                        try isSame(target, TargetDescription(release))
                    else { throw outdated("\(address.name)@\(address.version)") }
                } else if try await records.signedFiles.digest(ofCurrentFile: path)
                    != target.sha512
                {
                    throw outdated(path)
                }
            }
        }
    }

    private func outdated(_ what: String) -> TrustError {
        TrustError(
            .trustRequestOutdated, "\(what) was changed since its signature was asked for.")
    }

    /// Metadata that expires soon and that the gateway has no key to sign anew.
    ///
    /// - Throws: ``TrustError``, ``StorageError``.
    func signaturesDue() async throws -> [TrustError] {
        let deadline = now().addingTimeInterval(warningBeforeExpiry)
        var due: [(String, Date)] = []
        let repository = try await onBlockingThread { try signedRepository() }
        let keys = try keyRing.reloaded().keys.signing
        if !keys.canSign(for: repository.root.roleKeys(for: .root)) {
            due.append(("root", repository.root.expires))
        }
        if settings.signing == .offline {
            due.append(("targets", repository.targets.expires))
            due += try await records.releases.signatureEnds(before: deadline).map {
                ($0.name.description, $0.until)
            }
        }
        return due.filter { $0.1 < deadline }.map { name, expires in
            TrustError(
                .trustSignatureDue, "The metadata of \(name) expires at \(expires.wireText).")
        }
    }
}

extension SigningRequest {
    fileprivate func describes(_ release: Release) -> Bool {
        let role = PluginRole.name(of: release.name.description)
        guard case .targets(let next, _)? = parts.first(where: { $0.role == role })?.metadata
        else { return false }
        return next.targets[release.targetPath] != nil
    }
}
