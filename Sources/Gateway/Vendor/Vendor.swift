import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
import Licensing
package import Packages
import SignedMetadata
package import Storage
import Synchronization
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
    let keyRing: KeyRing
    let openFiles: OpenFiles
    let writeCheck = ArtifactWriteCheck()
    /// How much anybody may ask; the routes count those who have proved who they are.
    let rateLimits: RateLimits
    private let readProfile = ReadProfile()
    /// Who sends what header `Authorization`, by the revision of who may have what.
    let knownCredentials = Remembered<String, Credentials, Int64>(capacity: 10_000)
    let packuments = ReadyPackuments()
    let webLogins = WebLogins()
    let signingTurns = Turns()
    let signings = SharedSignings()
    /// Of those who ask for a key that is made when it is first asked for.
    let keyTurns = Turns()
    package let now: @Sendable () -> Date

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
        rateLimits = RateLimits(settings)
        records = try Records(folder.database)
        artifacts = ArtifactStore(root: folder.artifacts)
        openFiles = OpenFiles(artifacts)
        try artifacts.prepare()
        keyRing = try KeyRing(folder.keys)
        guard settings.signing == .offline || keyRing.current.keys.targets != nil else {
            throw StorageError(
                .dataFolderUnusable, "The key targets is not in \(folder.keys).",
                remedy: """
                    Put targets.pem back, or, if it is to stay where no network is, write \
                    `signing: offline` into \(folder.settings).
                    """)
        }
    }

    /// The private keys as they are now, also when the program beside this one replaced one.
    var keys: VendorKeys { keyRing.current.keys }

    /// Signs tokens with the license key as it is now.
    var licenseSigner: LicenseSigner { keyRing.current.licenseSigner }

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
    ///
    /// - Throws: ``StorageError``.
    package func profile() async throws -> VendorProfile {
        try await profile(
            in: records.signedFiles.digest(ofCurrentFile: SignedFileRecord.vendor))
    }

    /// The same for who knows the SHA-512 of the current `vendor.json`.
    ///
    /// Every check-in asks, so that the file is read when another one is signed and not before.
    func profile(in sha512: Digest?) async throws -> VendorProfile {
        if let sha512, let known = readProfile.value(of: sha512) { return known }
        let bytes = try await signedFile(SignedFileRecord.vendor)
        let profile = try VendorProfile(json: parseJSON(bytes))
        readProfile.keep(profile, of: Digest.of(.sha512, bytes))
        return profile
    }

    func releaseAccess() async throws -> ReleaseAccess {
        ReleaseAccess(profile: try await profile(), now: now())
    }
}

/// The vendor's profile with the digest of the file that it was read from.
private final class ReadProfile: Sendable {
    private let last = Mutex<(sha512: Digest, profile: VendorProfile)?>(nil)

    func value(of sha512: Digest) -> VendorProfile? {
        last.withLock { $0.flatMap { $0.sha512 == sha512 ? $0.profile : nil } }
    }

    func keep(_ profile: VendorProfile, of sha512: Digest) {
        last.withLock { $0 = (sha512, profile) }
    }
}
