import Bundle
import CanonicalJSON
import Diagnostics
import FoundationEssentials
package import Licensing
import Packages
import SignedMetadata
import SystemPackage

/// What vouches for the first root.
package enum FirstRoot: Sendable {
    /// The fingerprint of a license key that is being activated, also for the root that is here;
    /// nil: nothing does.
    case vouchedFor(by: LicenseKey?)
    /// That of a key which was activated, for a root that has to be fetched again because it was
    /// lost. The one that is here was checked then, and the fingerprint takes time and memory.
    case restored(by: LicenseKey)
    /// Whatever the gateway has is taken (`--trust-on-first-use`).
    case acceptedUnseen
}

/// The way from the first root to the vendor's keys and releases.
///
/// The first root is, in this order: the file of `TOLLGATE_TRUST_ROOT`; `.license/root.json`, which
/// the vendor may bake into the image; the gateway's `1.root.json` when the license key's
/// fingerprint vouches for it. Never another.
package struct VendorTrust: Sendable {
    private let settings: Settings
    private let source: any ReleaseSource
    private let root: [UInt8]
    private let folder: MetadataFolder
    private let client: MetadataClient
    private let now: Date

    /// Finds the first root.
    ///
    /// - Parameters:
    ///   - settings: where it may be
    ///   - source: whom to ask for it
    ///   - firstRoot: what vouches for a root that comes from there
    ///   - now: the time that every expiry is compared with
    ///   - folder: where metadata is kept; nil: in the storage folder
    /// - Throws: `trust.no-root`, `license.foreign-vendor`, other ``TrustError`` and
    ///   ``NetworkError``.
    init(
        _ settings: Settings, _ source: some ReleaseSource, _ firstRoot: FirstRoot, now: Date,
        in folder: MetadataFolder? = nil
    ) async throws {
        self.settings = settings
        self.source = source
        self.now = now
        let folder = folder ?? MetadataFolder(settings.storage)
        self.folder = folder
        let origin: String
        (root, origin) = try await Self.find(
            firstRoot, settings, source, keepsRoot: folder.isKept)
        do {
            client = try MetadataClient(
                trustedRoot: root, store: folder, transport: source, now: now)
        } catch {
            throw TrustError(firstRoot: origin, cause: error)
        }
    }

    /// Brings the metadata up to date and reads what it says of the vendor.
    ///
    /// - Throws: ``TrustError``, ``NetworkError``, ``DiskError``.
    package func refresh() async throws -> TrustedVendor {
        try await client.refresh()
        return try await vendor()
    }

    /// The same by a bundle, whose signed index says which metadata is current.
    ///
    /// The keys that may sign an index are listed in metadata that only an index leads to. So the
    /// index is followed first as if it were believed, and nothing of that is kept: what it leads to
    /// is signed all the same. Then, with those keys, it is verified and followed for good.
    ///
    /// - Throws: ``BundleError``, ``TrustError``, ``DiskError``.
    func refresh(by bundle: BundleFile) async throws -> TrustedVendor {
        do {
            return try await refresh(by: bundle.index)
        } catch let error as TrustError where error.code == .trustRollback {
            throw TrustError(
                error.code, error.message,
                remedy:
                    "This machine knows newer metadata than \(bundle.path): take a newer bundle.",
                cause: error.cause)
        } catch let error as TrustError where error.code == .trustMissing {
            throw TrustError(
                error.code, "\(bundle.path): \(error.message)", remedy: "Make the bundle anew.",
                cause: error.cause)
        }
    }

    private func refresh(by index: UnverifiedBundleIndex) async throws -> TrustedVendor {
        let scout = try MetadataClient(
            trustedRoot: root, store: MetadataFolder(readingOnly: settings.storage),
            transport: source, now: now)
        try await scout.refresh(by: index.claimed.statement.whateverItsTimes)
        guard let target = try await scout.target(BundleKeys.path) else {
            throw TrustError(
                .trustMalformed, "The vendor's metadata lists no \(BundleKeys.path).")
        }
        let keys = try await source.file(
            "targets/\(scout.downloadPath(of: target))",
            maximumLength: Int(clamping: target.length))
        try target.check(keys)
        let verified = try index.verified(by: BundleKeys(jwks: keys), now: now)
        try await client.refresh(by: verified.statement)
        return try await vendor()
    }

    private func vendor() async throws -> TrustedVendor {
        // Side by side: on a slow line each is a round trip.
        async let licenseKeys = signedFile(LicenseSession.licenseKeysFile)
        async let profile = signedJSON(TrustedVendor.profileFile)
        async let registryKeys = signedJSON(TrustedVendor.registryKeysFile)
        return TrustedVendor(
            profile: try VendorProfile(json: await profile),
            licenseKeys: try LicenseKeySet(jwks: await licenseKeys.bytes),
            registryKeys: try RegistryKeys(json: await registryKeys), metadata: client,
            isPartial: source.isPartial)
    }

    /// A small signed target: from the disk when its hash is still right, else from the source.
    ///
    /// - Parameter path: its target path
    /// - Returns: the bytes, and where a gateway has them
    /// - Throws: ``TrustError``, ``NetworkError``, ``BundleError``, ``DiskError``.
    func signedFile(_ path: String) async throws -> (bytes: [UInt8], location: String) {
        guard let target = try await client.target(path) else {
            throw TrustError(.trustMalformed, "The vendor's metadata lists no \(path).")
        }
        let location = "targets/\(await client.downloadPath(of: target))"
        if let bytes = try folder.file(target) { return (bytes, location) }
        let bytes = try await source.file(
            location, maximumLength: Int(clamping: target.length))
        try target.check(bytes)
        try folder.saveFile(path, bytes)
        return (bytes, location)
    }

    private func signedJSON(_ path: String) async throws -> JSONValue {
        let (bytes, _) = try await signedFile(path)
        do {
            return try parseJSON(bytes)
        } catch {
            throw TrustError(.trustMalformed, "The signed file \(path) is no JSON.", cause: error)
        }
    }

    private static func find(
        _ firstRoot: FirstRoot, _ settings: Settings, _ source: some ReleaseSource, keepsRoot: Bool
    ) async throws -> (root: [UInt8], source: String) {
        if let local = try LocalRoot(settings) {
            if case .vouchedFor(let key?) = firstRoot, isFirstVersion(local.bytes) {
                try key.requireIssued(under: local.bytes)
            }
            return (local.bytes, local.path)
        }
        if case .vouchedFor(nil) = firstRoot {
            throw TrustError(
                .trustNoRoot,
                """
                Neither TOLLGATE_TRUST_ROOT nor \(LocalRoot.savedPath(settings)) is there, and no \
                license key vouches for the gateway's root.
                """)
        }
        let root = try await source.file(
            "metadata/1.root.json", maximumLength: MetadataLimits().rootLength)
        switch firstRoot {
        case .vouchedFor(let key?), .restored(let key): try key.requireIssued(under: root)
        case .vouchedFor(nil), .acceptedUnseen: break
        }
        if keepsRoot { try SavedLicense(settings.storage).saveRoot(root) }
        return (root, "the gateway's 1.root.json")
    }

    /// Whether a root is the one whose fingerprint license keys carry; a baked one may be newer.
    private static func isFirstVersion(_ root: [UInt8]) -> Bool {
        (try? parseJSON(root))?["signed"]?["version"] == 1
    }
}
