import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import SignedMetadata
import Storage
import SystemPackage

/// How long a signature on the timestamp is left before it is made anew, in seconds.
private let timestampRenewal: TimeInterval = 3600
/// How long before its end any other metadata is signed anew, in seconds.
private let renewalBeforeExpiry: TimeInterval = 7 * 86_400
/// How long before its end the root is signed anew, in seconds, as long as its key is at hand.
private let rootRenewalBeforeExpiry: TimeInterval = 60 * 86_400

extension Vendor {
    /// Brings the signed metadata in step with the records, and renews what expires.
    ///
    /// What the records have and the metadata has not is signed: the release published just now, and
    /// one whose publishing was stopped between the two. Under a lock, so that the program and the
    /// running gateway never sign two files of one version.
    ///
    /// - Returns: whether anything was signed
    /// - Throws: ``TrustError``, ``StorageError``.
    @discardableResult
    package func signMetadata() async throws -> Bool {
        try await whileAloneSigning {
            _ = try await goOnWithRotation(KeyFile(of: .root, in: folder.keys))
            return try await signMetadataAlone()
        }
    }

    /// The same for who holds the lock.
    @discardableResult
    func signMetadataAlone() async throws -> Bool {
        let repository = try await onBlockingThread { try signedRepository() }
        let changes = try await changes(since: repository)
        return try await onBlockingThread { try sign(changes, after: repository) }
    }

    private func sign(_ changes: [RepositoryChange], after first: SignedRepository) throws -> Bool {
        var repository = first
        var changes = changes
        var isSigned = false
        while let publication = try publication(of: changes, after: repository) {
            try write(publication.files)
            repository = publication.repository
            changes = []
            isSigned = true
        }
        return isSigned
    }

    /// The state that the files on disk say.
    func signedRepository() throws -> SignedRepository {
        try SignedRepository(reading: metadataFile)
    }

    func metadataFile(_ name: String) throws -> [UInt8]? {
        try readFile(folder.metadata.appending(name))
    }

    private func changes(since repository: SignedRepository) async throws -> [RepositoryChange] {
        var changes: [RepositoryChange] = []
        for file in try await records.signedFiles.current() {
            let target = TargetDescription(
                path: file.path, length: file.length, hashes: [file.sha512])
            if repository.targets.targets[file.path] != target {
                changes.append(.setTarget(target))
            }
        }
        for name in try await records.releases.plugins() {
            let plugin = name.description
            let signed = try await onBlockingThread {
                try signedTargets(of: plugin, in: repository)
            }
            for record in try await records.releases.releases(of: name) {
                let release = record.release
                let target = TargetDescription(
                    path: release.targetPath, length: release.length, hashes: [release.sha512],
                    custom: release.custom)
                if try signed[target.path].map({ try isSame($0, target) }) != true {
                    changes.append(.setRelease(plugin: plugin, target))
                }
            }
        }
        return changes
    }

    /// Whether both describe the same: in signed files members are sorted, in ours they are not.
    private func isSame(_ left: TargetDescription, _ right: TargetDescription) throws -> Bool {
        let custom = (try left.custom?.canonicalBytes(), try right.custom?.canonicalBytes())
        return left.length == right.length && left.hashes == right.hashes && custom.0 == custom.1
    }

    /// What the plugin's role says now; nothing when it has none yet.
    private func signedTargets(
        of plugin: String, in repository: SignedRepository
    ) throws -> [String: TargetDescription] {
        let role = PluginRole.name(of: plugin)
        guard let description = repository.snapshot.files["\(role).json"],
            let verifier = repository.targets.delegations?.verifier(for: role),
            let bytes = try metadataFile("\(description.version).\(encodedFileName(role)).json")
        else { return [:] }
        return try UnverifiedMetadata(bytes, role: role).verified(as: Targets.self, by: verifier)
            .targets
    }

    private func publication(
        of changes: [RepositoryChange], after repository: SignedRepository
    ) throws -> Publication? {
        let now = now()
        if !changes.isEmpty {
            return try repository.publishing(
                changes, keys: keys.signing, now: now, reading: metadataFile)
        }
        if let renewed = try repository.renewing(
            expiringBefore: now.addingTimeInterval(renewalBeforeExpiry), keys: keys.signing,
            now: now, reading: metadataFile)
        {
            return renewed
        }
        if keys.signing.canSign(for: repository.root.roleKeys(for: .root)),
            repository.root.expires < now.addingTimeInterval(rootRenewalBeforeExpiry)
        {
            return try repository.rotatingRoot(
                to: TopLevelKeys(of: repository.root), keys: keys.signing, now: now,
                reading: metadataFile)
        }
        let age =
            repository.lifetimes.timestamp
            - repository.timestamp.expires.timeIntervalSince(now)
        guard age >= timestampRenewal else { return nil }
        return try repository.renewingTimestamp(keys: keys.signing, now: now)
    }

    /// Writes the files in their order: the timestamp, which makes the others current, is the last.
    func write(_ files: [MetadataFile]) throws {
        for file in files {
            try replaceFile(
                folder.metadata.appending(file.name), with: file.bytes,
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
    }
}
