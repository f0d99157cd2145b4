import Diagnostics
import FoundationEssentials
import Licensing
import Logging
import Packages

/// What a run has staged, and what it could not.
struct StagedReleases: Sendable {
    let staging: Staging
    var receipts: [PackageName: Receipt] = [:]
    var failures: [PackageName: any Failure] = [:]
}

/// Step 5: everything that the plan needs, next to each other, largest first.
extension DownloadPro {
    func downloadAndVerify(
        _ plan: Plan, _ license: CurrentLicense, _ vendor: TrustedVendor,
        _ source: some ReleaseSource
    ) async -> StagedReleases {
        var staged = StagedReleases(staging: Staging(in: settings.storage))
        let fetch = TarballFetch(
            storage: settings.storage, staging: staged.staging, source: source,
            registryKeys: vendor.registryKeys, license: license,
            threads: WorkThreads(), now: now, log: log, watch: options.watch)
        let releases = plan.items.filter(\.needsTarball).compactMap(\.release)
            .sorted { $0.length > $1.length }
        if !releases.isEmpty { options.watch(.began(releases.map(planned))) }
        defer { options.watch(.ended) }
        await withTaskGroup(of: (Release, Result<Receipt, any Error>).self) { group in
            for release in releases {
                group.addTask {
                    do {
                        return (release, .success(try await fetch.stage(release)))
                    } catch {
                        return (release, .failure(error))
                    }
                }
            }
            for await (release, result) in group {
                switch result {
                case .success(let receipt):
                    staged.receipts[release.name] = receipt
                    options.watch(.staged(release.name))
                    log.info("Verified \(release.name) \(release.version).")
                case .failure(let error):
                    let failure = anyFailure(error)
                    staged.failures[release.name] = failure
                    options.watch(.failed(release.name))
                    log.error("\(release.name) \(release.version): \(failure)")
                }
            }
        }
        return staged
    }

    private func planned(_ release: Release) -> DownloadEvent.Planned {
        DownloadEvent.Planned(
            name: release.name, version: release.version, length: release.length,
            present: release.lengthPresent(in: settings.storage))
    }
}

extension Release {
    /// How many bytes of the tarball an earlier run left.
    func lengthPresent(in storage: StorageFolder) -> Int64 {
        let present = try? PartialTarball(sha512, in: storage.tarballs).length()
        return min(present ?? 0, length)
    }
}
