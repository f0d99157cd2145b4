import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
package import Packages
import SignedMetadata
package import Storage
package import SystemPackage
import Tarball

/// What came of publishing a tarball.
package enum PublishOutcome: Sendable, Hashable {
    case published(Release)
    /// The same bytes were published before: nothing to do.
    case alreadyPublished(Release)
}

/// What the one who publishes says beside the tarball.
package struct PublishOptions: Sendable {
    package var channel: String
    /// nil: as `package.json` says.
    package var applicationRange: VersionRange?
    /// nil: now.
    package var published: Date?

    package init(
        channel: String = Release.latestChannel, applicationRange: VersionRange? = nil,
        published: Date? = nil
    ) {
        self.channel = channel
        self.applicationRange = applicationRange
        self.published = published
    }
}

extension Vendor {
    /// Takes a tarball in as a release.
    ///
    /// ``signMetadata(_:)`` makes it public.
    ///
    /// First the bytes, then the record that awaits its signature, then the metadata, and last readers
    /// see the record: whatever is stopped in between leaves nothing that refers to what is not there,
    /// and the next signing finishes it.
    ///
    /// - Throws: ``TarballError`` for a tarball that the fetcher would refuse, ``PackageError``,
    ///   ``PublishError``, ``UsageError`` for a file that is not there, ``StorageError``
    ///   `registry.version-exists`, ``TrustError`` `trust.signing-key` when the gateway has to sign
    ///   releases and cannot.
    package func publish(
        _ file: FilePath, _ options: PublishOptions, by actor: Actor
    ) async throws -> PublishOutcome {
        let incoming = try await onBlockingThread {
            try artifacts.removeLeftovers()
            return try artifacts.receive(contentsOf: file)
        }
        return try await publish(incoming, by: actor) { _ in options }
    }

    /// The same for a tarball that arrived in the artifacts already.
    ///
    /// - Parameters:
    ///   - incoming: the tarball
    ///   - actor: who publishes it
    ///   - options: what is said beside it, for what the tarball turned out to be; throws when that is
    ///     not what was announced
    /// - Returns: whether it is new
    /// - Throws: as ``publish(_:_:by:)``; what `options` throws.
    func publish(
        _ incoming: IncomingArtifact, by actor: Actor,
        _ options: (PackageManifest) throws -> PublishOptions
    ) async throws -> PublishOutcome {
        let profile = try await profile()
        let contents = try await onBlockingThread {
            try VerifiedTarball(
                hashedWhileWritten: incoming.descriptor, length: incoming.length
            ).inspect(limits: .maxima)
        }
        let manifest = try PackageManifest(bytes: contents.packageJSON)
        let options = try options(manifest)
        let release = try release(
            manifest, contents, incoming, profile, options, published: options.published ?? now())
        if let known = try await records.releases.recordedRelease(
            release.name, release.version),
            known.release.sha512 == release.sha512
        {
            // What stands there may have been damaged, or be gone.
            try await onBlockingThread { try artifacts.keep(incoming) }
            return .alreadyPublished(known.release)
        }
        if settings.signing == .online { try await onBlockingThread { try requireTargetsKey() } }
        let record = ReleaseRecord(
            release: release, sha1: incoming.sha1, manifest: .object(manifest.raw),
            state: .awaitingSignature)
        try await onBlockingThread { try artifacts.keep(incoming) }
        if let known = try await records.releases.add(record, by: actor, at: now()) {
            return .alreadyPublished(known.release)
        }
        return .published(release)
    }

    /// - Throws: `trust.signing-key` unless releases can be signed here.
    private func requireTargetsKey() throws {
        let listed = try signedRepository().root.roleKeys(for: .targets)
        guard try !keyRing.reloaded().keys.signing.canSign(for: listed) else { return }
        throw TrustError(
            .trustSigningKey,
            """
            The gateway has too few of the keys that sign releases: it takes \(listed.threshold) of \
            the \(listed.keyIDs.count) targets keys in the root.
            """,
            remedy: """
                Put targets.pem back, or, if it is to stay where no network is, write \
                `signing: offline` into tollgate.yaml.
                """)
    }

    private func release(
        _ manifest: PackageManifest, _ contents: TarballContents, _ incoming: IncomingArtifact,
        _ profile: VendorProfile, _ options: PublishOptions, published: Date
    ) throws -> Release {
        let title = "\(manifest.name)@\(manifest.version)"
        guard manifest.name.scope != nil else {
            throw PublishError("\(title) has no scope; a plugin's name is like @acme/x.")
        }
        guard manifest.version.build.isEmpty else {
            throw PublishError(
                """
                \(title) has build metadata, which does not tell versions apart: \
                publish it without what follows “+”.
                """)
        }
        guard profile.channels.contains(options.channel) else {
            throw PublishError(
                """
                There is no channel \(options.channel); vendor.json has \
                \(profile.channels.joined(separator: ", ")).
                """)
        }
        let range = try options.applicationRange ?? manifest.applicationRange(for: profile)
        if range == nil, profile.rule == .range {
            let host = profile.hostPackage.map { "peerDependencies on \($0)" } ?? "engines"
            throw PublishError(
                """
                \(title) does not say which versions of the application it is for: it would install \
                nowhere. Say so by \(host) in package.json or by --application-range.
                """)
        }
        let integrity = try Integrity(incoming.sha512)
        let signature = try RegistrySignature.sign(
            name: manifest.name, version: manifest.version, integrity: integrity,
            with: keys.registry)
        return try Release(
            name: manifest.name, version: manifest.version, published: published,
            channel: options.channel, applicationRange: range, length: incoming.length,
            sha512: incoming.sha512, unpackedSize: contents.unpackedSize,
            fileCount: contents.fileCount, signatures: [signature])
    }
}
