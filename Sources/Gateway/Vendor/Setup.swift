import Bundle
import CanonicalJSON
package import Cryptography
package import Diagnostics
package import FoundationEssentials
import Glibc
import Licensing
package import Packages
import SignedMetadata
package import Storage
package import SystemPackage

/// Makes a new gateway's data folder: `tollgate init`.
///
/// A mark stands in the folder from the first step to the last. A run that is stopped leaves the mark,
/// and the next one begins anew; without it, a folder with anything in it is refused.
package struct Setup: Sendable {
    /// What the person who ran it has to know.
    package struct Result: Sendable {
        /// SHA-256 of the first root.
        package let rootFingerprint: Digest
        /// The file to bake into the application's image.
        package let rootFile: FilePath
        /// Shown once: the gateway keeps its digest.
        package let adminToken: Secret<String>
    }

    private let folder: DataFolder
    private let profile: VendorProfile
    private let settings: VendorSettings
    private let now: Date

    package init(
        _ folder: DataFolder, profile: VendorProfile, settings: VendorSettings, now: Date
    ) {
        self.folder = folder
        self.profile = profile
        self.settings = settings
        self.now = now
    }

    /// Runs all steps.
    ///
    /// What has to be known is told before the mark goes: a run that is stopped in between is begun
    /// anew and tells another token, and none is lost unseen.
    ///
    /// - Parameters:
    ///   - actor: who makes it
    ///   - tell: takes what the person has to know
    /// - Throws: ``StorageError`` `gateway.data-folder-not-empty`, `gateway.data-folder`, `disk.*`;
    ///   what `tell` throws.
    package func run(by actor: Actor, telling tell: (Result) throws -> Void) async throws {
        let lock = try begin()
        defer { lock.release() }
        try clear()
        let keys = try VendorKeys.generate()
        try keys.save(in: folder.keys)
        _ = try NocoDBKey.loaded(orMadeIn: folder.keys)
        let records = try Records(folder.database)
        let bundleKey = try BundleKey.loaded(orMadeIn: folder.keys)
        let targets = try await keepSignedFiles(keys, bundleKey, records)
        let root = try writeFirstMetadata(keys, targets)
        let (token, record) = AccessTokenRecord.make(named: "admin", scope: .admin, at: now)
        try await records.accessTokens.add(record, by: actor)
        try records.close()
        try writeSettings()
        try tell(
            Result(
                rootFingerprint: Digest.of(.sha256, root),
                rootFile: folder.metadata.appending("1.root.json"), adminToken: token))
        try finish()
    }

    /// Locks the mark of an empty folder, or the mark that a stopped run left.
    ///
    /// Another run may begin or even end between two of these steps; then the folder is its.
    private func begin() throws(StorageError) -> FileLock {
        let isEmpty = try checkEmpty(orMarked: true)
        try makeFolder(folder.path)
        guard
            let lock = try FileLock(ifFree: folder.unfinishedMark, isEmpty ? .new : .old)
        else {
            throw StorageError(
                .dataFolderUnusable, "Another `tollgate init` works in \(folder.path).")
        }
        do throws(StorageError) {
            guard lock.isStill(at: folder.unfinishedMark) else {
                throw StorageError(
                    .dataFolderUnusable, "Another `tollgate init` ended in \(folder.path).")
            }
            if isEmpty { try checkStillEmpty() }
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    private func checkStillEmpty() throws(StorageError) {
        do throws(StorageError) {
            try checkEmpty(orMarked: false)
        } catch {
            unlink(folder.unfinishedMark.string)
            throw error
        }
    }

    /// Throws when the folder has something in it, the mark aside; with the mark it may.
    @discardableResult
    private func checkEmpty(orMarked isAllowed: Bool) throws(StorageError) -> Bool {
        let mark = folder.unfinishedMark.lastComponent?.string
        let names = try namesInFolder(folder.path)
        if isAllowed, names.contains(where: { $0 == mark }) { return false }
        if let other = names.first(where: { $0 != mark }) {
            throw StorageError(
                .dataFolderNotEmpty, "\(folder.path) is not empty: it has \(other).")
        }
        return true
    }

    /// Removes what a run before this one made; nothing else can stand beside the mark.
    private func clear() throws {
        let mark = folder.unfinishedMark.lastComponent?.string
        for name in try namesInFolder(folder.path) where name != mark {
            try FileManager.default.removeItem(atPath: folder.path.appending(name).string)
        }
    }

    /// Stores `vendor.json` and the public keys, and describes them for the metadata.
    private func keepSignedFiles(
        _ keys: VendorKeys, _ bundleKey: PrivateKey, _ records: Records
    ) async throws -> [TargetDescription] {
        let artifacts = ArtifactStore(root: folder.artifacts)
        try artifacts.prepare()
        let files = [
            (SignedFileRecord.licenseKeys, try keys.licenseKeySet().jwks),
            (
                SignedFileRecord.registryKeys,
                RegistryKeys([try RegistryKeys.Entry(keys.registry.publicKey)]).json.prettyBytes
            ),
            (BundleKeys.path, try BundleKeys([bundleKey.publicKey]).jwks),
            (SignedFileRecord.vendor, profile.json.prettyBytes),
        ]
        var targets: [TargetDescription] = []
        for (path, bytes) in files {
            let sha512 = try artifacts.keep(bytes)
            try await records.signedFiles.put(
                SignedFileRecord(path: path, sha512: sha512, length: Int64(bytes.count)), at: now)
            targets.append(TargetDescription(path: path, of: bytes))
        }
        return targets
    }

    /// Signs version 1 of everything, one key a role, and returns the root.
    private func writeFirstMetadata(
        _ keys: VendorKeys, _ targets: [TargetDescription]
    ) throws -> [UInt8] {
        var roles = TopLevelKeys()
        try roles.set(.root, [keys.root].compactMap { $0?.publicKey })
        try roles.set(.targets, [keys.targets].compactMap { $0?.publicKey })
        try roles.set(.snapshot, [keys.snapshot.publicKey])
        try roles.set(.timestamp, [keys.timestamp.publicKey])
        roles.licenseKeys = try keys.licenseKeysInRoot()
        let publication = try SignedRepository.first(
            roles: roles, targets: targets, keys: keys.signing, now: now)
        try makeFolder(folder.metadata)
        for file in publication.files {
            try replaceFile(
                folder.metadata.appending(file.name), with: file.bytes,
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
        return publication.files[0].bytes
    }

    private func writeSettings() throws(StorageError) {
        try replaceFile(
            folder.settings, with: Array(settings.text.utf8),
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }

    private func finish() throws(StorageError) {
        guard unlink(folder.unfinishedMark.string) == 0 else {
            throw StorageError(
                "\(folder.unfinishedMark) cannot be removed.", because: Errno(rawValue: errno))
        }
    }
}
