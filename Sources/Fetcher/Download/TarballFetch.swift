import FoundationEssentials
import Packages
import SystemPackage
import Tarball

/// Step 5 for one plugin: download, verify, unpack into the staging folder.
struct TarballFetch: Sendable {
    let download: TarballDownload
    let staging: Staging
    let now: Date

    /// Stages a release.
    ///
    /// - Returns: Its receipt, which also lies in the staging folder.
    /// - Throws: as ``TarballDownload/verified(_:_:)``.
    func stage(_ release: Release) async throws -> Receipt {
        let receipt = try await download.verified(release) { try unpack(release, $0) }
        try Disk.remove(download.tarball(of: release).path)
        return receipt
    }

    private func unpack(
        _ release: Release, _ tarball: borrowing VerifiedTarball
    ) throws -> Receipt {
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
        let files = try tarball.unpack(
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
        return receipt
    }
}
