package import Bundle
import CanonicalJSON
import Cryptography
package import Diagnostics
import FoundationEssentials
import Licensing
package import Packages
import SignedMetadata
import Storage
package import SystemPackage

/// For whom a bundle is made, and of what.
package struct BundleRequest: Sendable {
    /// The license's ID.
    package let license: String
    /// The versions of the application that it is for; none: every release that the license covers.
    package let applications: [ApplicationVersion]
    /// A bundle whose tarballs are left out.
    package let earlier: UnverifiedBundleIndex?
    /// For how long it is good.
    package let days: Int

    /// - Throws: ``UsageError`` for a time that no bundle can have.
    package init(
        license: String, applications: [ApplicationVersion], earlier: UnverifiedBundleIndex?,
        days: Int
    ) throws(UsageError) {
        guard (1...BundleIndex.maximumDays).contains(days) else {
            throw UsageError(
                "A bundle is good for 1 to \(BundleIndex.maximumDays) days, not for \(days).")
        }
        self.license = license
        self.applications = applications
        self.earlier = earlier
        self.days = days
    }
}

extension Vendor {
    /// Signs the index of a bundle that somebody gathered: what is current now, and what is in it.
    ///
    /// Nothing of the contents is looked at: whoever takes the bundle verifies each file by the
    /// vendor's signatures, and what a license may not have it cannot have gathered here.
    ///
    /// - Parameters:
    ///   - contents: what is in it
    ///   - snapshot: the one that is in it; nil: the present one
    ///   - license: the license that it was gathered with
    ///   - days: for how long it is good
    /// - Returns: the index file
    /// - Throws: ``TrustError``, ``StorageError``, ``BundleError``.
    func bundleIndex(
        of contents: BundleContents, on snapshot: FileDescription? = nil,
        for license: LicenseRecord, days: Int
    ) async throws -> [UInt8] {
        let signer = try await bundleSigner()
        let now = now().wholeSeconds
        return try await onBlockingThread {
            let statement = SnapshotStatement(
                created: now, expires: now.addingTimeInterval(Double(days) * 86_400),
                snapshot: try snapshot ?? signedRepository().timestamp.snapshot)
            return try signer.sign(
                BundleIndex(statement: statement, license: license.id, contents: contents))
        }
    }

    /// Makes a bundle of what a license covers.
    ///
    /// - Parameters:
    ///   - request: for whom
    ///   - path: where; nothing may be there
    /// - Returns: what is in it, and what whoever hands it out has to know
    /// - Throws: ``StorageError`` `gateway.record-not-found`, `license.*` for a license that is not
    ///   in force, ``TrustError``, ``BundleError``, ``UsageError``.
    package func makeBundle(
        _ request: BundleRequest, at path: FilePath
    ) async throws -> (contents: BundleContents, notices: [String]) {
        guard let license = try await records.licenses.license(id: request.license) else {
            throw StorageError(.recordNotFound, "There is no license \(request.license).")
        }
        guard license.isUsable(at: now()) else {
            throw LicenseError(
                license.refusal(at: now()), "The license \(license.id) is not in force.")
        }
        // Before the metadata is read: it may have to list the key first.
        _ = try await bundleSigner()
        let (draft, snapshot) = try await bundleDraft(of: license, request)
        let contents = draft.contents(for: request.applications, since: request.earlier)
        let index = try await bundleIndex(
            of: contents, on: snapshot, for: license, days: request.days)
        try await onBlockingThread {
            let writer = try BundleWriter(path, index: index)
            for file in draft.files { try writer.add(file.listed, file.bytes) }
            for (listed, _) in draft.tarballs(of: contents) {
                try writer.add(listed, fromFileAt: artifacts.path(of: listed.sha512))
            }
            try writer.finish()
        }
        var notices = contents.emptiness.map { [$0] } ?? []
        if license.terms.mode == .airgapped,
            !contents.files.contains(where: { $0.path == BundleContents.tokenPath })
        {
            notices.append(
                """
                The license is not activated on any machine yet, so no token is in the bundle: its \
                machine has to reach a gateway once (`pkg license refresh`).
                """)
        }
        return (contents, notices)
    }

    private func bundleDraft(
        of license: LicenseRecord, _ request: BundleRequest
    ) async throws -> (BundleDraft, FileDescription) {
        let access = try await releaseAccess()
        let plugins = license.terms.grants.compactMap { try? PackageName($0.plugin) }
        var (draft, snapshot) = try await bundledMetadata(of: plugins)
        if let token = try await carriedToken(of: license) {
            draft.add(BundleContents.tokenPath, Array(token.reveal().utf8))
        }
        for plugin in plugins {
            let covered = try await records.releases.releases(of: plugin).map(\.release).filter {
                $0.yanked == nil && access.decision(for: .licensee(license), on: $0) == .granted
            }
            let carried = releasesToCarry(
                of: plugin, among: covered, for: request.applications,
                rule: SelectionRule(access.profile.rule))
            for release in carried {
                draft.add(
                    "targets/\(TargetDescription(release).consistentPath)", tarballOf: release)
            }
        }
        return (draft, snapshot)
    }

    /// Everything signed that a fetcher follows from the first root to the releases of some plugins.
    private func bundledMetadata(
        of plugins: [PackageName]
    ) async throws -> (BundleDraft, FileDescription) {
        try await onBlockingThread {
            let repository = try signedRepository()
            var draft = BundleDraft()
            func add(_ name: String) throws {
                guard let bytes = try metadataFile(name) else {
                    throw StorageError(
                        .dataFolderUnusable, "\(name) is not in \(folder.metadata).")
                }
                draft.add("metadata/\(name)", bytes)
            }
            for version in 1...repository.root.version { try add("\(version).root.json") }
            try add("\(repository.snapshot.version).snapshot.json")
            try add("\(repository.targets.version).targets.json")
            for plugin in plugins {
                let role = PluginRole.name(of: plugin.description)
                guard let listed = repository.snapshot.files["\(role).json"] else { continue }
                try add("\(listed.version).\(role).json")
            }
            for target in repository.targets.targets.values.sorted(by: { $0.path < $1.path }) {
                guard let sha512 = target.sha512,
                    let bytes = try readFile(artifacts.path(of: sha512))
                else {
                    throw StorageError(
                        .dataFolderUnusable, "The signed file \(target.path) is not there.")
                }
                draft.add("targets/\(target.consistentPath)", bytes)
            }
            return (draft, repository.timestamp.snapshot)
        }
    }

    /// A fresh token for the machine that the bundle goes to; nil for a license whose tokens only its
    /// own check-ins bring.
    private func carriedToken(of license: LicenseRecord) async throws -> Secret<String>? {
        switch license.terms.mode {
        case .standard: return nil
        case .offline: return try await offlineToken(of: license.id)
        case .airgapped:
            let bindings = try await records.installations.bindings(of: license.id, at: now())
            guard !bindings.ofVersionOne.isEmpty else { return nil }
            return try token(of: bindings, profile: try await profile())
        }
    }
}
