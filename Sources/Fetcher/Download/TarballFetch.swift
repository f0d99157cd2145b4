import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Logging
import Packages
import SystemPackage
import Tarball

/// Step 5 for one plugin: download, verify, unpack into the staging folder.
///
/// A tarball is downloaded next to others, resumed where a killed run stopped, never longer than
/// was signed. It is verified whole before a byte of it is parsed. One that is wrong is fetched once
/// more, past caches, before it is refused.
struct TarballFetch: Sendable {
    let storage: StorageFolder
    let staging: Staging
    let source: any ReleaseSource
    let registryKeys: RegistryKeys
    let license: CurrentLicense
    /// Nil where nobody can be asked.
    let renewal: LicenseRenewal?
    let threads: WorkThreads
    let now: Date
    let log: Logger
    let watch: DownloadWatch

    /// Stages a release.
    ///
    /// - Returns: Its receipt, which also lies in the staging folder.
    /// - Throws: ``NetworkError``, ``GatewayRefusal``, ``TarballError``, ``PackageError``,
    ///   ``DiskError``.
    func stage(_ release: Release) async throws -> Receipt {
        try registryKeys.verify(
            release.signatures, name: release.name, version: release.version,
            integrity: Integrity(release.sha512), published: release.published)
        try Disk.makeFolder(storage.tarballs)
        let tarball = PartialTarball(release.sha512, in: storage.tarballs)
        do {
            return try await stage(release, tarball, bypassCaches: false)
        } catch let error as TarballError where error.code == .trustHash {
            log.warning("\(release.name): \(error). Fetched once more, past caches.")
            do {
                return try await stage(release, tarball, bypassCaches: true)
            } catch let second where anyFailure(second).code.exitStatus == .network {
                // A network that fails, or a run whose time is over, does not unsay what was seen.
                throw error
            }
        }
    }

    /// What was downloaded is kept for the next run when the network failed or the run was ended, and
    /// only then.
    private func stage(
        _ release: Release, _ tarball: PartialTarball, bypassCaches: Bool
    ) async throws -> Receipt {
        do {
            try await download(release, to: tarball, under: license, bypassCaches: bypassCaches)
            try Task.checkCancellation()
            return try await threads.run { try unpack(release, tarball.path) }
        } catch {
            if anyFailure(error).code.exitStatus != .network, !(error is CancellationError) {
                try Disk.remove(tarball.path)
            }
            throw error
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
                to: WatchedSink(tarball, of: release.name, watch))
        } catch {
            try tarball.close()
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

    /// Blocks; runs on a thread of its own.
    private func unpack(_ release: Release, _ path: FilePath) throws -> Receipt {
        let verified = try UnverifiedTarball(path).verify(
            length: release.length, sha512: release.sha512)
        let folder = staging.new(release.name)
        try Disk.remove(folder)
        try Disk.makeFolder(folder)
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(
                folder, .readOnly, options: [.directory, .noFollow, .closeOnExec])
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open", folder)
        }
        defer { try? descriptor.close() }
        let files = try verified.unpack(
            into: descriptor,
            limits: .signed(unpackedSize: release.unpackedSize, fileCount: release.fileCount),
            expecting: PackageIdentity(
                name: release.name.description, version: release.version.description))
        let receipt = Receipt(
            name: release.name, version: release.version, tarball: release.sha512, installed: now,
            files: files.map { file in
                Receipt.File(
                    path: file.path, size: file.size, modified: file.modificationTime,
                    sha512: file.sha512)
            })
        try ReceiptStore.stage(receipt, to: staging.receipt(release.name))
        try Disk.remove(path)
        return receipt
    }
}
