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

/// Which records are compared with the signed metadata.
package enum SigningExtent: Sendable {
    /// Those that changed since they were signed, as the records themselves remember.
    case changes
    /// All: a folder may have been restored, and its metadata be older than its records say.
    case everything
}

extension Vendor {
    /// Brings the signed metadata in step with the records, and renews what expires.
    ///
    /// What the records have and the metadata has not is signed: the release published just now, and
    /// one whose publishing was stopped between the two. What a key elsewhere has to sign stays for
    /// ``signingRequest(_:)``. Under a lock, so that the program and the running gateway never sign two
    /// files of one version. Those who ask while one signing runs share the next.
    ///
    /// - Parameter extent: which records are looked at
    /// - Returns: whether anything was signed
    /// - Throws: ``TrustError``, ``StorageError``.
    @discardableResult
    package func signMetadata(_ extent: SigningExtent = .changes) async throws -> Bool {
        switch extent {
        case .changes:
            try await signings.join { try await signMetadata(extent) { signings.begin() } }
        case .everything: try await signMetadata(extent) {}
        }
    }

    private func signMetadata(
        _ extent: SigningExtent, beginning begin: () -> Void
    ) async throws -> Bool {
        try await whileAloneSigning(beginning: begin) {
            _ = try await goOnWithRotation(KeyFile(of: .root, in: folder.keys))
            return try await signMetadataAlone(extent)
        }
    }

    /// The same for who holds the lock.
    @discardableResult
    func signMetadataAlone(_ extent: SigningExtent = .changes) async throws -> Bool {
        let repository = try await onBlockingThread { try signedRepository() }
        let deadline = now().addingTimeInterval(renewalBeforeExpiry)
        let plugins = try await records.releases.unsignedPlugins(
            expiringBefore: extent == .everything ? nil : deadline)
        let changes = try await changes(of: plugins, since: repository)
        let names = plugins.map(\.name.description)
        let isSigned = try await onBlockingThread {
            try sign(changes, renewing: names, before: deadline, after: repository)
        }
        try await markSigned(plugins)
        return isSigned
    }

    private func sign(
        _ changes: [RepositoryChange], renewing plugins: [String], before deadline: Date,
        after first: SignedRepository
    ) throws -> Bool {
        var repository = first
        var changes = changes
        var isSigned = false
        while let publication = try publication(
            of: changes, renewing: plugins, before: deadline, after: repository)
        {
            try write(publication.files)
            repository = publication.repository
            changes = []
            isSigned = true
        }
        return isSigned
    }

    private func publication(
        of changes: [RepositoryChange], renewing plugins: [String], before deadline: Date,
        after repository: SignedRepository
    ) throws -> Publication? {
        let now = now()
        let keys = try keyRing.reloaded().keys.signing
        switch settings.signing {
        case .online:
            if !changes.isEmpty {
                return try repository.publishing(
                    changes, keys: keys, now: now, reading: metadataFile)
            }
            if let renewed = try repository.renewing(
                plugins, expiringBefore: deadline, keys: keys, now: now, reading: metadataFile)
            {
                return renewed
            }
        case .offline:
            if let renewed = try repository.renewingSnapshot(
                expiringBefore: deadline, keys: keys, now: now)
            {
                return renewed
            }
        }
        if keys.canSign(for: repository.root.roleKeys(for: .root)),
            repository.root.expires < now.addingTimeInterval(rootRenewalBeforeExpiry)
        {
            return try repository.rotatingRoot(
                to: TopLevelKeys(of: repository.root), keys: keys, now: now,
                reading: metadataFile)
        }
        let age =
            repository.lifetimes.timestamp
            - repository.timestamp.expires.timeIntervalSince(now)
        guard age >= timestampRenewal else { return nil }
        return try repository.renewingTimestamp(keys: keys, now: now)
    }

    /// The state that the files on disk say.
    func signedRepository() throws -> SignedRepository {
        try SignedRepository(reading: metadataFile)
    }

    func metadataFile(_ name: String) throws -> [UInt8]? {
        try readFile(folder.metadata.appending(name))
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
