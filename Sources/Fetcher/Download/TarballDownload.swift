import Cryptography
import Diagnostics
import HTTPTransfer
import Logging
import Packages
import SystemPackage
import Tarball

/// Gets a release's tarball, whole and as it was signed.
///
/// Resumed where a killed run stopped, never longer than was signed, and verified whole before a byte
/// of it is parsed. One that is wrong is fetched once more, past caches, before it is refused.
struct TarballDownload: Sendable {
    /// Where tarballs lie while they are not whole.
    let folder: FilePath
    let source: any ReleaseSource
    let registryKeys: RegistryKeys
    let license: CurrentLicense
    /// Nil where nobody can be asked.
    let renewal: LicenseRenewal?
    let threads: WorkThreads
    let log: Logger
    let watch: DownloadWatch

    /// Where a release's tarball lies, or will.
    func tarball(of release: Release) -> PartialTarball {
        PartialTarball(release.sha512, in: folder)
    }

    /// What is told of a release before it is downloaded.
    func planned(_ release: Release) -> DownloadEvent.Planned {
        DownloadEvent.Planned(
            subject: DownloadEvent.Subject(release), length: release.length,
            present: release.lengthPresent(in: folder))
    }

    /// Downloads and verifies a release's tarball.
    ///
    /// - Parameters:
    ///   - release: which
    ///   - use: what is done with it, on a thread that may block; the file stays until somebody
    ///     removes it
    /// - Returns: what `use` returns
    /// - Throws: ``NetworkError``, ``GatewayRefusal``, ``BundleError``, ``TarballError``,
    ///   ``PackageError``, ``DiskError``; what `use` throws.
    func verified<Value: Sendable>(
        _ release: Release,
        _ use: @escaping @Sendable (borrowing VerifiedTarball) throws -> Value
    ) async throws -> Value {
        try registryKeys.verify(
            release.signatures, name: release.name, version: release.version,
            integrity: Integrity(release.sha512), published: release.published)
        try Disk.makeFolder(folder)
        do {
            return try await verified(release, bypassCaches: false, use)
        } catch let error as TarballError where error.code == .trustHash {
            log.warning("\(release.name): \(error). Fetched once more, past caches.")
            do {
                return try await verified(release, bypassCaches: true, use)
            } catch let second where anyFailure(second).code.exitStatus == .network {
                // A network that fails, or a run whose time is over, does not unsay what was seen.
                throw error
            }
        }
    }

    /// What was downloaded is kept for the next run when the network failed or the run was ended, and
    /// only then.
    private func verified<Value: Sendable>(
        _ release: Release, bypassCaches: Bool,
        _ use: @escaping @Sendable (borrowing VerifiedTarball) throws -> Value
    ) async throws -> Value {
        let tarball = tarball(of: release)
        do {
            try await download(release, to: tarball, under: license, bypassCaches: bypassCaches)
            try Task.checkCancellation()
            return try await threads.run {
                try use(
                    UnverifiedTarball(tarball.path).verify(
                        length: release.length, sha512: release.sha512))
            }
        } catch {
            if anyFailure(error).code.exitStatus != .network, !(error is CancellationError) {
                remove(tarball)
            }
            throw error
        }
    }

    /// Removes what is of no use; what it failed for is what matters.
    private func remove(_ tarball: PartialTarball) {
        do {
            try Disk.remove(tarball.path)
        } catch {
            log.warning("\(error)")
        }
    }

    private func download(
        _ release: Release, to tarball: PartialTarball, under license: CurrentLicense,
        bypassCaches: Bool, isRenewed: Bool = false
    ) async throws {
        var present = try tarball.length()
        if present > release.length {
            try Disk.remove(tarball.path)
            present = 0
        }
        guard present < release.length else { return }
        do {
            try await source.tarball(
                of: release, for: license, from: present, bypassingCaches: bypassCaches,
                to: WatchedSink(tarball, of: release, watch))
        } catch {
            do {
                try tarball.close()
            } catch let second {
                log.warning("\(release.name): \(second)")
            }
            if let renewal, !isRenewed, (error as? NetworkError)?.status == 401 {
                log.notice("\(release.name): the gateway no longer takes the token; checking in.")
                return try await download(
                    release, to: tarball, under: renewal.license(), bypassCaches: bypassCaches,
                    isRenewed: true)
            }
            throw GatewayRefusal.explaining(error)
        }
        try tarball.close()
    }
}
