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
        _ plan: Plan, _ license: CurrentLicense, _ session: LicenseSession,
        _ vendor: TrustedVendor, _ gateway: GatewayClient
    ) async -> StagedReleases {
        var staged = StagedReleases(staging: Staging(in: settings.storage))
        let fetch = TarballFetch(
            storage: settings.storage, staging: staged.staging, gateway: gateway,
            registryKeys: vendor.registryKeys, license: license,
            renewal: LicenseRenewal(session, vendor, gateway),
            threads: WorkThreads(count: ProcessInfo.processInfo.activeProcessorCount), now: now,
            log: log)
        let releases = plan.items.filter(\.needsTarball).compactMap(\.release)
            .sorted { $0.length > $1.length }
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
                    log.info("Verified \(release.name) \(release.version).")
                case .failure(let error):
                    let failure = anyFailure(error)
                    staged.failures[release.name] = failure
                    log.error("\(release.name) \(release.version): \(failure)")
                }
            }
        }
        return staged
    }
}
