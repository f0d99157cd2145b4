package import Bundle
import CanonicalJSON
import Diagnostics
package import FoundationEssentials
import HTTPTransfer
import Licensing
package import Logging
package import Packages
import SignedMetadata
package import SystemPackage

/// `pkg export-all`: everything that this license covers, as a bundle for a machine without a network.
///
/// 1. **Identify, refresh, check in**, as `download-pro` does.
/// 2. **Choose** the releases that the license covers, from verified metadata.
/// 3. **Ask the gateway to sign** the index: which metadata is current, and what is in the bundle.
/// 4. **Download and verify** each tarball, and write it behind the ones before it.
///
/// Nothing that is installed is looked at or changed. A download that is cut off goes on at the next
/// run.
package struct ExportAll: Sendable {
    package struct Options: Sendable {
        /// The versions of the application that it is for; none: every release that is covered.
        package var applications: [ApplicationVersion] = []
        /// A bundle whose tarballs are left out.
        package var earlier: UnverifiedBundleIndex?
        /// For how long it is good.
        package var days = BundleIndex.usualDays
        /// Told how far the downloads are.
        package var watch: DownloadWatch = { _ in }

        package init() {}
    }

    private let settings: Settings
    private let options: Options
    private let now: Date
    private let log: Logger

    package init(_ settings: Settings, _ options: Options, now: Date, log: Logger) {
        self.settings = settings
        self.options = options
        self.now = now
        self.log = log
    }

    /// What was gathered while nobody else changed the storage folder.
    private struct Gathered {
        let draft: BundleDraft
        let contents: BundleContents
        let index: [UInt8]
        let license: CurrentLicense
        let vendor: TrustedVendor
    }

    /// Does it.
    ///
    /// The storage folder is locked until the index is signed, and not while tarballs are downloaded:
    /// an application that starts meanwhile waits for nothing.
    ///
    /// - Parameter path: where; nothing may be there
    /// - Returns: what is in it
    /// - Throws: whatever failed; then nothing is there but what was downloaded, in `FILE.part`.
    package func run(to path: FilePath) async throws -> BundleContents {
        let deadline = ContinuousClock.now + settings.timeout
        let gathered = try await StorageLock.hold(
            settings.storage, patience: min(.seconds(30), settings.timeout),
            waiting: announceWaiting
        ) {
            try await withGateway(until: deadline) { try await gather($0, deadline) }
        }
        // As long as it takes: a transfer that stands still ends by itself.
        try await withGateway(until: nil) { try await write(gathered, $0, to: path) }
        return gathered.contents
    }

    private func announceWaiting(for owner: String) {
        log.notice("Waiting for another run of pkg, process \(owner).")
    }

    private func withGateway<Value>(
        until deadline: ContinuousClock.Instant?,
        _ body: (GatewayClient) async throws -> Value
    ) async throws -> Value {
        let gateway = try GatewayClient(settings, deadline: deadline)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(gateway))
        } catch {
            result = .failure(error)
        }
        await gateway.shutDown()
        return try result.get()
    }

    private func gather(
        _ gateway: GatewayClient, _ deadline: ContinuousClock.Instant
    ) async throws -> Gathered {
        let identity = try await Identity.establish(in: settings, by: deadline) {
            log.notice("\($0)")
        }
        var session = try LicenseSession(settings, identity: identity, now: now)
        if try session.keys.isEmpty && !session.hasTokens { throw session.noLicense }
        // While releases are published the gateway may be a step ahead of what was just read.
        for _ in 0..<3 {
            let trust = try await VendorTrust(
                settings, gateway, session.firstRoot(acceptedUnseen: false), now: now)
            let vendor = try await trust.refresh()
            let license = try await license(&session, vendor, gateway)
            let draft = try await draft(license, vendor, trust, gateway)
            let contents = draft.contents(for: options.applications, since: options.earlier)
            if let index = try await signedIndex(of: contents, license, vendor, trust, gateway) {
                return Gathered(
                    draft: draft, contents: contents, index: index, license: license,
                    vendor: vendor)
            }
        }
        throw BundleError(
            .bundleFormat, "The vendor's metadata changed while the bundle was made.",
            remedy: "Run it again.")
    }

    private func license(
        _ session: inout LicenseSession, _ vendor: TrustedVendor, _ gateway: GatewayClient
    ) async throws -> CurrentLicense {
        let saved = try session.current(verifiedBy: vendor.licenseKeys)
        guard session.needsCheckIn(saved) else { return try saved.requireInForce() }
        let outcome = try await session.checkIn(gateway, vendor, .whenNeeded)
        if let failure = outcome.failures.first, !outcome.license.status.permitsNewDownloads {
            throw failure
        }
        return try outcome.license.requireInForce()
    }

    // MARK: What is in it

    private func draft(
        _ license: CurrentLicense, _ vendor: TrustedVendor, _ trust: VendorTrust,
        _ gateway: GatewayClient
    ) async throws -> BundleDraft {
        let plugins = license.status.entitlements.plugins.compactMap { plugin in
            (try? PackageName(plugin.name)).map {
                (name: $0, coverage: Coverage(of: plugin.grants.map(\.coverage)))
            }
        }
        let releases = try await vendor.releases(of: plugins.map(\.name))
        var draft = BundleDraft()
        try await addMetadata(of: plugins.map(\.name), vendor, trust, gateway, to: &draft)
        if let token = license.tokens.first(where: { $0.claims.mode == .offline }) {
            draft.add(BundleContents.tokenPath, Array(token.compact.reveal().utf8))
        }
        for plugin in plugins {
            let covered = (releases[plugin.name] ?? []).filter {
                plugin.coverage.refusals(of: $0, installed: nil).isEmpty
            }
            let carried = releasesToCarry(
                of: plugin.name, among: covered, for: options.applications,
                rule: SelectionRule(vendor.profile.rule))
            for release in carried { draft.add(release.location, tarballOf: release) }
        }
        return draft
    }

    /// Every root, since the other machine may know the first one alone, and the rest as it was just
    /// verified.
    private func addMetadata(
        of plugins: [PackageName], _ vendor: TrustedVendor, _ trust: VendorTrust,
        _ gateway: GatewayClient, to draft: inout BundleDraft
    ) async throws {
        let trusted = await vendor.metadata.trusted
        for version in 1...trusted.root.version {
            let path = "metadata/\(version).root.json"
            draft.add(
                path,
                try await gateway.file(path, maximumLength: MetadataLimits().rootLength))
        }
        let folder = MetadataFolder(settings.storage)
        func add(_ role: String, version: Int64) throws {
            guard let bytes = try folder.load(role) else { throw TrustError(lost: role) }
            draft.add("metadata/\(version).\(encodedFileName(role)).json", bytes)
        }
        guard let snapshot = trusted.snapshot else { throw TrustError(lost: "snapshot") }
        try add(TopLevelRole.snapshot.rawValue, version: snapshot.version)
        let roles = plugins.map { PluginRole.name(of: $0.description) }
        for role in [TopLevelRole.targets.rawValue] + roles {
            guard let listed = snapshot.files["\(role).json"] else { continue }
            try add(role, version: listed.version)
        }
        for path in [
            LicenseSession.licenseKeysFile, TrustedVendor.registryKeysFile, BundleKeys.path,
            TrustedVendor.profileFile,
        ] {
            let (bytes, location) = try await trust.signedFile(path)
            draft.add(location, bytes)
        }
    }

    // MARK: The signed index

    /// Asks the gateway for the index, and believes it no more than a bundle.
    ///
    /// - Returns: nil when the gateway knows newer metadata
    private func signedIndex(
        of contents: BundleContents, _ license: CurrentLicense, _ vendor: TrustedVendor,
        _ trust: VendorTrust, _ gateway: GatewayClient
    ) async throws -> [UInt8]? {
        var members = contents.members
        members["days"] = .integer(Int64(options.days))
        let authorization = "Bearer \(try license.tokenInForce.reveal())"
        let response: HTTPResponse
        do throws(NetworkError) {
            response = try await gateway.post(
                "api/v1/bundles", JSONValue.object(members).compactBytes,
                headers: [HTTPHeader("Authorization", authorization)])
        } catch {
            throw GatewayRefusal.explaining(error)
        }
        let (jwks, _) = try await trust.signedFile(BundleKeys.path)
        let index = try UnverifiedBundleIndex(response.body)
            .verified(by: BundleKeys(jwks: jwks), now: now)
        guard index.contents == contents else {
            throw BundleError(.bundleSignature, "The gateway signed another index than asked for.")
        }
        let current = await vendor.metadata.trusted.snapshot?.version
        return index.statement.snapshot.version == current ? response.body : nil
    }

    // MARK: The file

    /// Tarballs are gathered beside the bundle until it is whole, so that the next call goes on.
    ///
    /// A token that ends meanwhile is not renewed, since the storage folder is not locked: the next
    /// call has another one.
    private func write(
        _ gathered: Gathered, _ gateway: GatewayClient, to path: FilePath
    ) async throws {
        let writer = try BundleWriter(path, index: gathered.index)
        for file in gathered.draft.files { try writer.add(file.listed, file.bytes) }
        let parts = FilePath("\(path.string).part")
        let download = TarballDownload(
            folder: parts, source: gateway, registryKeys: gathered.vendor.registryKeys,
            license: gathered.license, renewal: nil, threads: WorkThreads(count: 1), log: log,
            watch: options.watch)
        let tarballs = gathered.draft.tarballs(of: gathered.contents)
        if !tarballs.isEmpty {
            options.watch(.began(tarballs.map(\.release).map(download.planned)))
        }
        defer { options.watch(.ended) }
        for (listed, release) in tarballs {
            try await download.verified(release) { _ in }
            let part = download.tarball(of: release).path
            try writer.add(listed, fromFileAt: part)
            options.watch(.staged(DownloadEvent.Subject(release)))
            log.info("Added \(release.name) \(release.version).")
        }
        try writer.finish()
        try Disk.remove(parts)
    }
}

extension TrustError {
    /// That a file went that was there a moment ago.
    fileprivate init(lost file: String) {
        self.init(.trustMissing, "The verified \(file) is no longer in the storage folder.")
    }
}
