import CanonicalJSON
import Cryptography
import FoundationEssentials
import Packages
import SignedMetadata
import Storage

/// What the records have and the signed metadata has not.
extension Vendor {
    func changes(
        of plugins: [UnsignedPlugin], since repository: SignedRepository
    ) async throws -> [RepositoryChange] {
        var changes: [RepositoryChange] = []
        for file in try await records.signedFiles.current() {
            let target = TargetDescription(
                path: file.path, length: file.length, hashes: [file.sha512])
            if repository.targets.targets[file.path] != target {
                changes.append(.setTarget(target))
            }
        }
        guard !plugins.isEmpty else { return changes }
        try await replaceOutdatedSignatures(of: plugins)
        for plugin in plugins {
            changes += try await differences(of: plugin.name, in: repository).missing.map {
                .setRelease(plugin: plugin.name.description, $0.target)
            }
        }
        return changes
    }

    /// Remembers of plugins that the metadata has all of them now, and shows the releases in it.
    func markSigned(_ plugins: [UnsignedPlugin]) async throws {
        guard !plugins.isEmpty else { return }
        let repository = try await onBlockingThread { try signedRepository() }
        for plugin in plugins {
            let found = try await differences(of: plugin.name, in: repository)
            try await records.releases.markSigned(
                plugin, until: found.missing.isEmpty ? found.until : nil,
                showing: found.signed.filter { $0.state == .awaitingSignature }
                    .map(\.release.version))
        }
    }

    /// A plugin's releases, by whether the metadata describes each as it is.
    struct Differences: Sendable {
        var signed: [ReleaseRecord] = []
        var missing: [(record: ReleaseRecord, target: TargetDescription)] = []
        /// The end of the role's signature; nil: it has none.
        let until: Date?
    }

    func differences(
        of plugin: PackageName, in repository: SignedRepository
    ) async throws -> Differences {
        let all = try await records.releases.allReleases(of: plugin).onceSigned
        return try await onBlockingThread {
            let role = try signedRole(of: plugin, in: repository)
            var found = Differences(until: role?.expires)
            for record in all {
                let target = TargetDescription(record.release)
                if try role?.targets[target.path].map({ try isSame($0, target) }) == true {
                    found.signed.append(record)
                } else {
                    found.missing.append((record, target))
                }
            }
            return found
        }
    }

    /// A gateway that ran while the registry key was replaced may have signed a release by the old
    /// one after it had expired: no installation would take it.
    private func replaceOutdatedSignatures(of plugins: [UnsignedPlugin]) async throws {
        let signer = RegistrySigner(
            key: try keyRing.reloaded().keys.registry, listed: try await registryKeys())
        for plugin in plugins {
            for record in try await records.releases.allReleases(of: plugin.name) {
                guard let signatures = try signer.signaturesToReplace(of: record.release) else {
                    continue
                }
                try await records.releases.replaceSignatures(
                    of: record.release.name, record.release.version, with: signatures)
            }
        }
    }

    /// Whether both describe the same: in signed files members are sorted, in ours they are not.
    func isSame(_ left: TargetDescription, _ right: TargetDescription) throws -> Bool {
        let custom = (try left.custom?.canonicalBytes(), try right.custom?.canonicalBytes())
        return left.length == right.length && left.hashes == right.hashes && custom.0 == custom.1
    }

    /// What the plugin's role says now; nil when it has none yet.
    private func signedRole(
        of plugin: PackageName, in repository: SignedRepository
    ) throws -> Targets? {
        let role = PluginRole.name(of: plugin.description)
        guard let description = repository.snapshot.files["\(role).json"],
            let verifier = repository.targets.delegations?.verifier(for: role),
            let bytes = try metadataFile("\(description.version).\(encodedFileName(role)).json")
        else { return nil }
        return try UnverifiedMetadata(bytes, role: role).verified(as: Targets.self, by: verifier)
    }
}

extension TargetDescription {
    /// A release as the signed metadata describes it.
    init(_ release: Release) {
        self.init(
            path: release.targetPath, length: release.length, hashes: [release.sha512],
            custom: release.custom)
    }
}
