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
import Tarball

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

    /// Does it.
    ///
    /// - Parameter path: where; nothing may be there
    /// - Returns: what is in it
    /// - Throws: whatever failed; then nothing is there either.
    package func run(to path: FilePath) async throws -> BundleContents {
        try await StorageLock.hold(settings.storage) {
            let gateway = try GatewayClient(settings)
            let result: Result<BundleContents, any Error>
            do {
                result = .success(try await run(to: path, gateway))
            } catch {
                result = .failure(error)
            }
            await gateway.shutDown()
            return try result.get()
        }
    }

    private func run(to path: FilePath, _ gateway: GatewayClient) async throws -> BundleContents {
        var session = try await LicenseSession(settings, now: now) { log.notice("\($0)") }
        if try session.keys.isEmpty && !session.hasTokens { throw session.noLicense }
        // While releases are published the gateway may be a step ahead of what was just read.
        var attempts = 3
        while true {
            attempts -= 1
            let vendor = try await VendorTrust(
                settings, gateway, session.firstRoot(acceptedUnseen: false), now: now
            ).refresh()
            let license = try await license(&session, vendor, gateway)
            let draft = try await draft(license, vendor, gateway)
            let contents = draft.contents(for: options.applications, since: options.earlier)
            let index = try await signedIndex(of: contents, license, vendor, gateway)
            guard let index else {
                guard attempts > 0 else {
                    throw BundleError(
                        .bundleFormat, "The vendor's metadata changed while the bundle was made.",
                        remedy: "Run it again.")
                }
                continue
            }
            try await write(draft, contents, index, license, gateway, to: path)
            return contents
        }
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
        _ license: CurrentLicense, _ vendor: TrustedVendor, _ gateway: GatewayClient
    ) async throws -> BundleDraft {
        let plugins = license.status.entitlements.plugins.compactMap { plugin in
            (try? PackageName(plugin.name)).map {
                (name: $0, coverage: Coverage(of: plugin.grants.map(\.coverage)))
            }
        }
        let releases = try await vendor.releases(of: plugins.map(\.name))
        var draft = BundleDraft()
        try await addMetadata(of: plugins.map(\.name), vendor, gateway, to: &draft)
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
        of plugins: [PackageName], _ vendor: TrustedVendor, _ gateway: GatewayClient,
        to draft: inout BundleDraft
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
            LicenseSession.licenseKeysFile, "keys/registry.json", BundleKeys.path, "vendor.json",
        ] {
            guard let target = try await vendor.metadata.target(path) else {
                throw TrustError(.trustMalformed, "The vendor's metadata lists no \(path).")
            }
            let location = "targets/\(await vendor.metadata.downloadPath(of: target))"
            if let bytes = try folder.file(target) {
                draft.add(location, bytes)
                continue
            }
            let bytes = try await gateway.file(
                location, maximumLength: Int(clamping: target.length))
            try target.check(bytes)
            try folder.saveFile(path, bytes)
            draft.add(location, bytes)
        }
    }

    // MARK: The signed index

    /// Asks the gateway for the index, and believes it no more than a bundle.
    ///
    /// - Returns: nil when the gateway knows newer metadata
    private func signedIndex(
        of contents: BundleContents, _ license: CurrentLicense, _ vendor: TrustedVendor,
        _ gateway: GatewayClient
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
            throw GatewayRefusal(error) ?? error
        }
        guard let target = try await vendor.metadata.target(BundleKeys.path),
            let jwks = try MetadataFolder(settings.storage).file(target)
        else { throw TrustError(lost: BundleKeys.path) }
        let index = try UnverifiedBundleIndex(response.body)
            .verified(by: BundleKeys(jwks: jwks), now: now)
        guard index.contents == contents else {
            throw BundleError(.bundleSignature, "The gateway signed another index than asked for.")
        }
        let current = await vendor.metadata.trusted.snapshot?.version
        return index.statement.snapshot.version == current ? response.body : nil
    }

    // MARK: The file

    private func write(
        _ draft: BundleDraft, _ contents: BundleContents, _ index: [UInt8],
        _ license: CurrentLicense, _ gateway: GatewayClient, to path: FilePath
    ) async throws {
        let writer = try BundleWriter(path, index: index)
        for file in draft.files { try writer.add(file.listed, file.bytes) }
        try Disk.makeFolder(settings.storage.tarballs)
        for (listed, release) in draft.tarballs(of: contents) {
            let part = PartialTarball(release.sha512, in: settings.storage.tarballs)
            try await download(release, to: part, license, gateway)
            try writer.add(listed, fromFileAt: part.path)
            try Disk.remove(part.path)
            log.info("Added \(release.name) \(release.version).")
        }
        try writer.finish()
    }

    /// Goes on where an earlier run stopped; one that is wrong is fetched once more, past caches.
    private func download(
        _ release: Release, to part: PartialTarball, _ license: CurrentLicense,
        _ gateway: GatewayClient
    ) async throws {
        for bypassesCaches in [false, true] {
            let present = try part.length()
            do {
                if present < release.length {
                    try await gateway.tarball(
                        of: release, for: license, from: present,
                        bypassingCaches: bypassesCaches, to: part)
                }
                try part.close()
                _ = try UnverifiedTarball(part.path).verify(
                    length: release.length, sha512: release.sha512)
                return
            } catch {
                try part.close()
                guard anyFailure(error).code.exitStatus != .network else {
                    throw GatewayRefusal.explaining(error)
                }
                try Disk.remove(part.path)
                guard !bypassesCaches, (error as? TarballError)?.code == .trustHash else {
                    throw error
                }
                log.warning("\(release.name): \(error). Fetched once more, past caches.")
            }
        }
    }
}

extension TrustError {
    /// That a file went that was there a moment ago.
    fileprivate init(lost file: String) {
        self.init(.trustMissing, "The verified \(file) is no longer in the storage folder.")
    }
}
