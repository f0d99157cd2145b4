import CanonicalJSON
import Diagnostics
package import FoundationEssentials
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
    private let gateway: GatewayClient
    private let client: MetadataClient

    /// Finds the first root.
    ///
    /// - Parameters:
    ///   - settings: where it may be
    ///   - gateway: whom to ask for it
    ///   - firstRoot: what vouches for a root that comes from the gateway
    ///   - now: the time that every expiry is compared with
    /// - Throws: `trust.no-root`, `license.foreign-vendor`, other ``TrustError`` and
    ///   ``NetworkError``.
    package init(
        _ settings: Settings, _ gateway: GatewayClient, _ firstRoot: FirstRoot, now: Date
    ) async throws {
        self.settings = settings
        self.gateway = gateway
        let (root, source) = try await Self.find(firstRoot, settings, gateway)
        do {
            client = try MetadataClient(
                trustedRoot: root, store: MetadataFolder(settings.storage),
                transport: gateway, now: now)
        } catch {
            throw TrustError(firstRoot: source, cause: error)
        }
    }

    /// Brings the metadata up to date and reads what it says of the vendor.
    ///
    /// - Throws: ``TrustError``, ``NetworkError``, ``DiskError``.
    package func refresh() async throws -> TrustedVendor {
        try await client.refresh()
        // Side by side: on a slow line each is a round trip.
        async let licenseKeys = signedFile(LicenseSession.licenseKeysFile)
        async let profile = signedJSON("vendor.json")
        async let registryKeys = signedJSON("keys/registry.json")
        return TrustedVendor(
            profile: try VendorProfile(json: await profile),
            licenseKeys: try LicenseKeySet(jwks: await licenseKeys),
            registryKeys: try RegistryKeys(json: await registryKeys), metadata: client)
    }

    /// A small signed target: from the disk when its hash is still right, else from the gateway.
    private func signedFile(_ path: String) async throws -> [UInt8] {
        guard let target = try await client.target(path) else {
            throw TrustError(.trustMalformed, "The vendor's metadata lists no \(path).")
        }
        let folder = MetadataFolder(settings.storage)
        if let bytes = try folder.file(target) { return bytes }
        let location = await client.downloadPath(of: target)
        let bytes = try await gateway.file(
            "targets/\(location)", maximumLength: Int(clamping: target.length))
        try target.check(bytes)
        try folder.saveFile(path, bytes)
        return bytes
    }

    private func signedJSON(_ path: String) async throws -> JSONValue {
        let bytes = try await signedFile(path)
        do {
            return try parseJSON(bytes)
        } catch {
            throw TrustError(.trustMalformed, "The signed file \(path) is no JSON.", cause: error)
        }
    }

    private static func find(
        _ firstRoot: FirstRoot, _ settings: Settings, _ gateway: GatewayClient
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
                Neither TOLLGATE_TRUST_ROOT nor \(LocalRoot.savedPath(settings)) is there, and no license key vouches \
                for the gateway's root.
                """)
        }
        let root = try await gateway.file(
            "metadata/1.root.json", maximumLength: MetadataLimits().rootLength)
        switch firstRoot {
        case .vouchedFor(let key?), .restored(let key): try key.requireIssued(under: root)
        case .vouchedFor(nil), .acceptedUnseen: break
        }
        try SavedLicense(settings.storage).saveRoot(root)
        return (root, "the gateway's 1.root.json")
    }

    /// Whether a root is the one whose fingerprint license keys carry; a baked one may be newer.
    private static func isFirstVersion(_ root: [UInt8]) -> Bool {
        (try? parseJSON(root))?["signed"]?["version"] == 1
    }
}
