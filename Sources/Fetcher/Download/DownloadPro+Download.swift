import Diagnostics
import FoundationEssentials
import Licensing
import Logging
import Packages
import SystemPackage

/// What a run has staged, and what it could not.
struct StagedReleases: Sendable {
    let staging: Staging
    var receipts: [PackageName: Receipt] = [:]
    var failures: [PackageName: any Failure] = [:]
}

/// Step 5: everything that the plan needs, next to each other, largest first.
extension DownloadPro {
    /// More than are downloaded at once, so that those that are unpacked leave no gap.
    ///
    /// Not all: a tarball that waits to be unpacked is written to the disk for nothing.
    private static let atOnce = 12

    func downloadAndVerify(
        _ plan: Plan, _ license: CurrentLicense, _ vendor: TrustedVendor,
        _ source: some ReleaseSource, _ renewal: LicenseRenewal?
    ) async -> StagedReleases {
        var staged = StagedReleases(staging: Staging(in: settings.storage))
        let fetch = TarballFetch(
            download: TarballDownload(
                folder: settings.storage.tarballs, source: source,
                registryKeys: vendor.registryKeys, license: license, renewal: renewal,
                threads: WorkThreads(), log: log, watch: options.watch),
            staging: staged.staging, now: now)
        let releases = plan.items.filter(\.needsTarball).compactMap(\.release)
            .sorted { $0.length > $1.length }
        guard !releases.isEmpty else { return staged }
        let writeBack: WriteBack
        do {
            writeBack = try WriteBack(settings.storage.plugins)
        } catch {
            // Without it nobody would be told of what the kernel fails to write.
            log.error("\(error)")
            for release in releases { staged.failures[release.name] = error }
            return staged
        }
        options.watch(.began(releases.map(fetch.download.planned)))
        defer { options.watch(.ended) }
        var waiting = releases.makeIterator()
        await withTaskGroup(of: (Release, Result<Receipt, any Error>).self) { group in
            func beginNext() {
                guard let release = waiting.next() else { return }
                group.addTask {
                    do {
                        return (release, .success(try await fetch.stage(release)))
                    } catch {
                        return (release, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.atOnce { beginNext() }
            for await (release, result) in group {
                beginNext()
                switch result {
                case .success(let receipt):
                    staged.receipts[release.name] = receipt
                    options.watch(.staged(DownloadEvent.Subject(release)))
                    writeBack.wrote(receipt.files.reduce(0) { $0 + $1.size })
                    log.info("Verified \(release.name) \(release.version).")
                case .failure(let error):
                    let failure = anyFailure(error)
                    staged.failures[release.name] = failure
                    options.watch(.failed(DownloadEvent.Subject(release)))
                    if reason(of: failure).code != .runEnded {
                        log.error("\(release.name) \(release.version): \(failure)")
                    }
                }
            }
        }
        do {
            try await writeBack.finish()
        } catch {
            // What the disk may not have is not installed.
            log.error("\(error)")
            for name in staged.receipts.keys { staged.failures[name] = error }
            staged.receipts = [:]
        }
        return staged
    }
}

extension Release {
    /// How many bytes of the tarball an earlier run left.
    func lengthPresent(in folder: FilePath) -> Int64 {
        let present = try? PartialTarball(sha512, in: folder).length()
        return min(present ?? 0, length)
    }
}
