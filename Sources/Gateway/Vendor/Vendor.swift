import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
package import Packages
import SignedMetadata
package import Storage
import SystemPackage

/// A vendor's data folder, opened: records, artifacts, keys, signed metadata, and a clock.
///
/// What can be done with it stands in extensions, one subject each; the HTTP routes and the
/// `tollgate` program call the same ones.
package struct Vendor: Sendable {
    package let folder: DataFolder
    package let settings: VendorSettings
    package let records: Records
    package let artifacts: ArtifactStore
    let keys: VendorKeys
    let now: @Sendable () -> Date

    /// Opens a folder that `tollgate init` made.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`, ``CryptographyError`` for a damaged key.
    package init(
        opening folder: DataFolder, settings: VendorSettings,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        try folder.checkComplete()
        self.folder = folder
        self.settings = settings
        self.now = now
        records = try Records(folder.database)
        artifacts = ArtifactStore(root: folder.artifacts)
        try artifacts.prepare()
        keys = try VendorKeys(loading: folder.keys)
    }

    /// The bytes of a signed file, by its target path.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder` when it is not there.
    package func signedFile(_ path: String) async throws -> [UInt8] {
        guard let file = try await records.signedFiles.current().first(where: { $0.path == path }),
            let bytes = try await onBlockingThread({
                try readFile(artifacts.path(of: file.sha512))
            })
        else {
            throw StorageError(.dataFolderUnusable, "The signed file \(path) is not there.")
        }
        return bytes
    }

    /// What the vendor says of itself in the signed `vendor.json`.
    package func profile() async throws -> VendorProfile {
        try VendorProfile(json: parseJSON(try await signedFile("vendor.json")))
    }

    func releaseAccess() async throws -> ReleaseAccess {
        ReleaseAccess(profile: try await profile(), now: now())
    }
}
