import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// The signing side, judged by the client.
struct SignedRepositoryTests {
    /// A vendor: private keys, and the folder that the gateway serves.
    struct Vendor {
        static let licenseKeys: JSONValue = ["keys": [["kty": "OKP", "kid": "é"]]]

        var keys: [TopLevelRole: PrivateKey] = [:]
        var allKeys: [PrivateKey] = []
        var repository: SignedRepository
        var folder: [String: [UInt8]] = [:]
        var store = MemoryStore()
        let transport = MemoryTransport([:])

        init() throws {
            var roles = TopLevelKeys()
            for role in TopLevelRole.allCases {
                let key = try PrivateKey.generate(.ed25519)
                keys[role] = key
                allKeys.append(key)
                try roles.set(role, [key.publicKey])
            }
            roles.licenseKeys = Self.licenseKeys
            let first = try SignedRepository.first(
                roles: roles,
                targets: [TargetDescription(path: "vendor.json", of: Array("{}".utf8))],
                keys: SigningKeys(allKeys), now: now)
            repository = first.repository
            write(first)
        }

        var signing: SigningKeys { SigningKeys(allKeys) }

        func read(_ name: String) -> [UInt8]? { folder[name] }

        mutating func write(_ publication: Publication) {
            for file in publication.files { folder[file.name] = file.bytes }
            repository = publication.repository
        }

        @discardableResult
        mutating func publish(
            _ changes: [RepositoryChange], at time: Date = now
        ) throws -> [String] {
            let publication = try repository.publishing(
                changes, keys: signing, now: time, reading: read)
            write(publication)
            return publication.files.map(\.name)
        }

        /// A customer's run against the folder as it is now.
        func refresh(at time: Date = now) async throws -> MetadataClient {
            transport.serve(folder)
            let client = try MetadataClient(
                trustedRoot: folder["1.root.json"] ?? [], store: store, transport: transport,
                now: time)
            try await client.refresh()
            return client
        }
    }

    private var vendor: Vendor

    init() throws {
        vendor = try Vendor()
    }

    private func release(_ plugin: String, _ version: String) -> TargetDescription {
        let bare = plugin.split(separator: "/").last ?? ""
        return TargetDescription(
            path: "\(plugin)/-/\(bare)-\(version).tgz", of: Array("\(plugin)@\(version)".utf8),
            custom: ["name": .string(plugin), "version": .string(version)])
    }

    private func setRelease(_ plugin: String, _ version: String) -> RepositoryChange {
        .setRelease(plugin: plugin, release(plugin, version))
    }

    @Test func theRootKeepsTheLicenseKeysThroughRotations() throws {
        var vendor = try Vendor()
        var trusted = try TrustedMetadata(trustedRoot: vendor.folder["1.root.json"] ?? [], now: now)
        #expect(trusted.root.licenseKeys == Vendor.licenseKeys)
        var roles = TopLevelKeys(of: vendor.repository.root)
        for keys in [Vendor.licenseKeys, ["keys": []]] {
            roles.licenseKeys = keys
            let rotation = try vendor.repository.rotatingRoot(
                to: roles, keys: vendor.signing, now: now, reading: vendor.read)
            vendor.write(rotation)
            try trusted.updateRoot(rotation.files[0].bytes)
            #expect(trusted.root.licenseKeys == keys)
            roles = TopLevelKeys(of: vendor.repository.root)
            #expect(roles.licenseKeys == keys)
        }
    }

    /// They are among the signed bytes: another list is another root.
    @Test func aRootWithOtherLicenseKeysIsNotSigned() async throws {
        var vendor = try Vendor()
        let root = String(decoding: vendor.folder["1.root.json"] ?? [], as: UTF8.self)
        let changed = root.replacing("\"OKP\"", with: "\"EC\"")
        #expect(changed != root)
        vendor.folder["1.root.json"] = Array(changed.utf8)
        let error = await #expect(throws: TrustError.self) { try await vendor.refresh() }
        #expect(error?.code == .trustUnsigned)
    }

    @Test func makesARepositoryThatAClientAccepts() async throws {
        #expect(
            vendor.folder.keys.sorted() == [
                "1.root.json", "1.snapshot.json", "1.targets.json", "root.json", "timestamp.json",
            ])
        let client = try await vendor.refresh()
        #expect(try await client.target("vendor.json")?.length == 2)
        #expect(await client.trusted.snapshot?.version == 1)
    }

    @Test mutating func publishesWhatChangedAndNothingElse() async throws {
        #expect(
            try vendor.publish([setRelease("@acme/audit-log", "1.0.0")]) == [
                "1.plugin-acme_2faudit-log.json", "2.targets.json", "2.snapshot.json",
                "timestamp.json",
            ])
        try vendor.publish([setRelease("@acme/charts", "1.0.0")])
        #expect(
            try vendor.publish([
                setRelease("@acme/audit-log", "1.1.0"), setRelease("@acme/audit-log", "1.2.0"),
            ]) == ["2.plugin-acme_2faudit-log.json", "4.snapshot.json", "timestamp.json"])
        let client = try await vendor.refresh()
        let releases = try await client.targets(under: "@acme/audit-log/-/")
        #expect(releases == ["1.0.0", "1.1.0", "1.2.0"].map { release("@acme/audit-log", $0) })
        #expect(vendor.transport.requests.last == "2.plugin-acme_2faudit-log.json")
        #expect(
            try await client.target("@acme/charts/-/charts-1.0.0.tgz")
                == release("@acme/charts", "1.0.0"))
        #expect(try await client.targets(under: "@acme/nothing/-/").isEmpty)
    }

    @Test mutating func removesAndReplaces() async throws {
        try vendor.publish([
            setRelease("@acme/a", "1.0.0"), setRelease("@acme/a", "2.0.0"),
            .setTarget(TargetDescription(path: "keys/license.json", of: [1])),
        ])
        try vendor.publish([
            .removeRelease(plugin: "@acme/a", path: "@acme/a/-/a-1.0.0.tgz"),
            .removeTarget(path: "vendor.json"),
            .setTarget(TargetDescription(path: "keys/license.json", of: [1, 2])),
        ])
        let client = try await vendor.refresh()
        #expect(
            try await client.targets(under: "@acme/a/").map(\.path) == ["@acme/a/-/a-2.0.0.tgz"])
        #expect(try await client.target("vendor.json") == nil)
        #expect(try await client.target("keys/license.json")?.length == 2)
    }

    @Test func refusesAReleaseOutsideItsPlugin() async {
        for path in ["@acme/b/-/b-1.0.0.tgz", "vendor.json", "@acme/a/-/x/y"] {
            await expectTrustError(.trustMalformed) {
                _ = try vendor.repository.publishing(
                    [.setRelease(plugin: "@acme/a", TargetDescription(path: path, of: []))],
                    keys: vendor.signing, now: now, reading: vendor.read)
            }
        }
        await expectTrustError(.trustMalformed) {
            _ = try vendor.repository.publishing(
                [.setRelease(plugin: "@acme/*", TargetDescription(path: "@acme/x/-/x", of: []))],
                keys: vendor.signing, now: now, reading: vendor.read)
        }
    }

    @Test mutating func renewsTheTimestampAlone() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        let later = now + 2 * day
        await expectTrustError(.trustExpired) { _ = try await vendor.refresh(at: later) }
        let renewed = try vendor.repository.renewingTimestamp(keys: vendor.signing, now: later)
        #expect(renewed.files.map(\.name) == ["timestamp.json"])
        vendor.write(renewed)
        _ = try await vendor.refresh(at: later)
        #expect(vendor.repository.timestamp.version == 3)
    }

    @Test mutating func renewsWhatExpiresSoon() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        try vendor.publish([setRelease("@acme/b", "1.0.0")], at: now + 300 * day)
        let later = now + 350 * day
        let plugins = ["@acme/a", "@acme/b"]
        #expect(
            try vendor.repository.renewing(
                plugins, expiringBefore: now + 10 * day, keys: vendor.signing, now: later,
                reading: vendor.read) == nil)
        let renewed = try #require(
            try vendor.repository.renewing(
                plugins, expiringBefore: later + 60 * day, keys: vendor.signing, now: later,
                reading: vendor.read))
        #expect(
            renewed.files.map(\.name) == [
                "2.plugin-acme_2fa.json", "4.snapshot.json", "timestamp.json",
            ])
        vendor.write(renewed)
        let client = try await vendor.refresh(at: later)
        #expect(try await client.targets(under: "@acme/a/").count == 1)
        #expect(try await client.targets(under: "@acme/b/").count == 1)
    }

    @Test mutating func goesOnFromItsFiles() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        vendor.repository = try SignedRepository(reading: vendor.read)
        try vendor.publish([setRelease("@acme/a", "1.1.0")])
        let client = try await vendor.refresh()
        #expect(try await client.targets(under: "@acme/a/").count == 2)
    }

    /// A crash between any two files leaves a repository that clients accept and the gateway can go
    /// on with.
    @Test mutating func survivesACrashBetweenAnyTwoFiles() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        let changes = [setRelease("@acme/a", "2.0.0"), setRelease("@acme/b", "1.0.0")]
        let whole = try vendor.repository.publishing(
            changes, keys: vendor.signing, now: now, reading: vendor.read)
        for count in 0..<whole.files.count {
            var crashed = vendor
            crashed.store = MemoryStore()
            for file in whole.files.prefix(count) { crashed.folder[file.name] = file.bytes }
            let client = try await crashed.refresh()
            #expect(try await client.targets(under: "@acme/").count == 1)
            crashed.repository = try SignedRepository(reading: crashed.read)
            try crashed.publish([setRelease("@acme/a", "3.0.0")])
            let after = try await crashed.refresh()
            #expect(try await after.targets(under: "@acme/a/").count == 2)
        }
    }

    @Test mutating func refusesDamagedFilesOfItsOwn() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        for name in ["root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"] {
            var damaged = vendor.folder
            damaged[name]?.removeLast(2)
            await expectTrustError(.trustMalformed) {
                _ = try SignedRepository { damaged[$0] }
            }
            damaged["2.root.json"] = vendor.folder["1.root.json"]
            damaged[name] = vendor.folder[name]
            await expectTrustError(.trustRollback) { _ = try SignedRepository { damaged[$0] } }
            damaged["2.root.json"] = nil
            damaged[name] = nil
            await expectTrustError(.trustMissing) { _ = try SignedRepository { damaged[$0] } }
        }
        var damaged = vendor.folder
        damaged["1.plugin-acme_2fa.json"] = vendor.folder["2.targets.json"]
        await expectTrustError(.trustLength) {
            _ = try vendor.repository.publishing(
                [setRelease("@acme/a", "2.0.0")], keys: vendor.signing, now: now
            ) { damaged[$0] }
        }
    }

    @Test(arguments: TopLevelRole.allCases)
    func saysWhichKeyIsMissing(_ role: TopLevelRole) async {
        let keys = SigningKeys(vendor.keys.filter { $0.key != role }.map(\.value))
        await expectTrustError(.trustSigningKey) {
            _ = try vendor.repository.rotatingRoot(
                to: TopLevelKeys(of: vendor.repository.root), keys: keys, now: now,
                reading: vendor.read)
            _ = try vendor.repository.publishing(
                [setRelease("@acme/a", "1.0.0")], keys: keys, now: now, reading: vendor.read)
        }
    }

    @Test func refusesThresholdsThatNobodyReaches() async throws {
        let key = try PrivateKey.generate(.ed25519).publicKey
        var roles = TopLevelKeys()
        await expectTrustError(.trustSigningKey) { try roles.set(.root, [key], threshold: 2) }
        await expectTrustError(.trustSigningKey) { try roles.set(.root, [key, key], threshold: 2) }
        await expectTrustError(.trustSigningKey) { try roles.set(.root, [key], threshold: 0) }
        let other = try PrivateKey.generate(.ecdsaP256).publicKey
        await expectTrustError(.trustSigningKey) { try roles.set(.root, [other]) }
    }

    // MARK: Rotation

    @Test(arguments: TopLevelRole.allCases)
    func rotatesARole(_ role: TopLevelRole) async throws {
        var vendor = vendor
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        // One client that was off for long, and one that has seen everything.
        _ = try await vendor.refresh()
        let before = vendor
        let key = try PrivateKey.generate(.ed25519)
        vendor.allKeys.append(key)
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(role, [key.publicKey])
        let rotation = try vendor.repository.rotatingRoot(
            to: roles, keys: vendor.signing, now: now, reading: vendor.read)
        #expect(rotation.files.last?.name == "root.json")
        // At every moment of it both find what they can verify.
        for count in 0...rotation.files.count {
            var during = before
            for file in rotation.files.prefix(count) { during.folder[file.name] = file.bytes }
            let client = try await during.refresh()
            #expect(try await client.targets(under: "@acme/a/").count == 1)
            let machine = MemoryStore()
            let fresh = try MetadataClient(
                trustedRoot: during.folder["1.root.json"] ?? [], store: machine,
                transport: during.transport, now: now)
            try await fresh.refresh()
            #expect(try await fresh.targets(under: "@acme/a/").count == 1)
        }
        vendor.write(rotation)
        // From now on without the old key.
        let old = try #require(vendor.keys[role])
        vendor.allKeys.removeAll { $0.publicKey == old.publicKey }
        vendor.repository = try SignedRepository(reading: vendor.read)
        try vendor.publish([setRelease("@acme/a", "2.0.0")])
        let client = try await vendor.refresh()
        #expect(try await client.targets(under: "@acme/a/").count == 2)
        #expect(await client.trusted.root.version == 2)
    }

    @Test mutating func aLostKeyCanBeReplacedByTheRoot() async throws {
        try vendor.publish([setRelease("@acme/a", "1.0.0")])
        let key = try PrivateKey.generate(.ed25519)
        let lost = try #require(vendor.keys[.timestamp])
        vendor.allKeys.removeAll { $0.publicKey == lost.publicKey }
        vendor.allKeys.append(key)
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(.timestamp, [key.publicKey])
        let rotation = try vendor.repository.rotatingRoot(
            to: roles, keys: vendor.signing, now: now, reading: vendor.read)
        #expect(rotation.files.first?.name == "2.root.json")
        vendor.write(rotation)
        let client = try await vendor.refresh()
        #expect(try await client.targets(under: "@acme/a/").count == 1)
    }

    @Test mutating func raisesTheThreshold() async throws {
        let others = try (0..<2).map { _ in try PrivateKey.generate(.ed25519) }
        let first = try #require(vendor.keys[.root])
        vendor.allKeys += others
        var roles = TopLevelKeys(of: vendor.repository.root)
        try roles.set(.root, ([first] + others).map(\.publicKey), threshold: 2)
        vendor.write(
            try vendor.repository.rotatingRoot(
                to: roles, keys: vendor.signing, now: now, reading: vendor.read))
        let client = try await vendor.refresh()
        #expect(await client.trusted.root.roleKeys(for: .root).threshold == 2)
        await expectTrustError(.trustSigningKey) {
            _ = try vendor.repository.rotatingRoot(
                to: TopLevelKeys(of: vendor.repository.root), keys: SigningKeys([first]), now: now,
                reading: vendor.read)
        }
    }

    // MARK: Names

    @Test(arguments: [
        ("@acme/audit-log", "plugin-acme_2faudit-log"), ("audit-log", "plugin-audit-log"),
        ("@acme/a_b", "plugin-acme_2fa_5fb"), ("acme_2fa", "plugin-acme_5f2fa"),
        ("@a/B", "plugin-a_2f_42"), ("é", "plugin-_c3_a9"), ("..", "plugin-.."),
    ])
    func namesRoles(_ plugin: String, _ role: String) {
        #expect(PluginRole.name(of: plugin) == role)
        #expect(encodedFileName(role) == role)
    }
}

extension SignedRepositoryTests {
    @Test func nothingIsSignedThatNoClientWouldTake() throws {
        let vendor = try Vendor()
        let text = String(repeating: "x", count: MetadataLimits().targetsLength)
        let error = #expect(throws: TrustError.self) {
            _ = try vendor.repository.publishing(
                [
                    .setRelease(
                        plugin: "@acme/x",
                        TargetDescription(
                            path: "@acme/x/-/x-1.0.0.tgz", length: 1,
                            hashes: [Digest.of(.sha512, [])], custom: ["deprecated": .string(text)]
                        ))
                ], keys: vendor.signing, now: now, reading: vendor.read)
        }
        #expect(error?.code == .trustLength)
    }
}
