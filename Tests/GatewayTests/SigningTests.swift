import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// Which records the signing looks at, and that none is forgotten.
struct SigningTests {
    private func unsigned(_ vendor: Vendor) async throws -> [String] {
        try await vendor.records.releases.unsignedPlugins(expiringBefore: .distantPast)
            .map(\.name.description)
    }

    @Test func onlyWhatChangedIsLookedAt() async throws {
        try await withTestVendor { test, _ in
            let first = try await test.publish("@acme/a", "1.0.0")
            try await test.publish("@acme/b", "1.0.0")
            #expect(try await unsigned(test.vendor) == [])
            // The role of @acme/a would be missed if it were read.
            let role = test.vendor.folder.metadata.appending("1.plugin-acme_2fa.json")
            let bytes = try #require(try readFile(role))
            try removeFile(role)
            try await test.publish("@acme/b", "1.1.0")
            await #expect(throws: TrustError.self) {
                try await test.vendor.signMetadata(.everything)
            }
            try replaceFile(role, with: bytes, permissions: [.ownerReadWrite])
            #expect(try await !test.vendor.signMetadata(.everything))

            try await test.vendor.records.releases.yank(
                first.name, first.version, reason: "broken", by: test.actor, at: test.clock.now)
            #expect(try await unsigned(test.vendor) == ["@acme/a"])
            #expect(try await test.vendor.signMetadata())
            #expect(try await unsigned(test.vendor) == [])
        }
    }

    @Test func aChangeWhileItIsSignedIsSignedNext() async throws {
        try await withTestVendor { test, _ in
            let release = try await test.publish("@acme/a", "1.0.0")
            let releases = test.vendor.records.releases
            let seen = try #require(try await releases.unsignedPlugins(expiringBefore: nil).first)
            try await releases.yank(
                release.name, release.version, reason: "broken", by: test.actor, at: test.clock.now)
            try await releases.markSigned(seen, until: .distantFuture)
            #expect(try await unsigned(test.vendor) == ["@acme/a"])
            #expect(try await test.vendor.signMetadata())
        }
    }

    @Test func metadataThatWasPutBackFollowsTheRecordsAgain() async throws {
        try await withTestVendor { test, folder in
            try await test.publish("@acme/a", "1.0.0")
            let metadata = test.vendor.folder.metadata.string
            let backup = folder.appending("backup").string
            try FileManager.default.copyItem(atPath: metadata, toPath: backup)
            let second = try await test.publish("@acme/a", "1.1.0")
            try FileManager.default.removeItem(atPath: metadata)
            try FileManager.default.copyItem(atPath: backup, toPath: metadata)
            #expect(try await test.vendor.signMetadata(.everything))
            let found = try await test.vendor.differences(
                of: second.name, in: test.vendor.signedRepository())
            #expect(found.missing.isEmpty)
            #expect(found.signed.count == 2)
        }
    }

    @Test func rolesThatExpireAreSignedAnew() async throws {
        try await withTestVendor { test, _ in
            let first = try await test.publish("@acme/a", "1.0.0")
            let name = first.name
            test.clock.advance(by: 360 * 86_400)
            #expect(try await test.vendor.signMetadata())
            let found = try await test.vendor.differences(
                of: name, in: test.vendor.signedRepository())
            #expect(try #require(found.until) > test.clock.now.addingTimeInterval(300 * 86_400))
            #expect(try await !test.vendor.signMetadata())
        }
    }

    @Test func aReleaseThatAnExpiredRegistryKeySignedIsSignedByThePresentOne() async throws {
        try await withTestVendor { test, _ in
            let before = test.vendor.keys.registry
            _ = try await test.vendor.rotateKey(
                KeyRotationRequest(.registry), by: test.actor)
            test.clock.advance(by: 60)
            // A gateway that had the old key in its hand.
            let tarball = try TestPackage("@acme/a", "1.0.0").pack(in: test.folder)
            guard
                case .published(let release) = try await test.vendor.publish(
                    tarball, PublishOptions(), by: test.actor)
            else { throw TestFailure("it was there before") }
            let old = try RegistrySignature.sign(
                name: release.name, version: release.version,
                integrity: Integrity(release.sha512), with: before)
            try await test.vendor.records.releases.replaceSignatures(
                of: release.name, release.version, with: [old])
            try await test.vendor.signMetadata()
            let signed = try #require(
                try await test.vendor.records.releases.release(release.name, release.version))
            let listed = try await test.vendor.registryKeys()
            #expect(listed.entries.count == 2)
            try listed.verify(
                signed.release.signatures, name: release.name, version: release.version,
                integrity: Integrity(release.sha512), published: release.published)
        }
    }
}

/// What the gateway says of signatures that it cannot make itself.
struct SignatureDueTests {
    @Test func warnsInTimeAndIsReadyUntilTheEnd() async throws {
        try await withTestVendor { test, folder in
            try await test.publish("@acme/a", "1.0.0")
            for key in ["root", "targets"] {
                try moveFile(
                    test.vendor.folder.keys.appending("\(key).pem"),
                    to: folder.appending("\(key).pem"))
            }
            var settings = try VendorSettings(url: "https://plugins.acme.example")
            try settings.set("signing", to: "offline")
            let vendor = try Vendor(
                opening: test.vendor.folder, settings: settings
            ) { test.clock.now }
            defer { try? vendor.records.close() }
            func due() async throws -> [String] {
                try await vendor.signaturesDue().map { error in
                    #expect(error.code == .trustSignatureDue)
                    return error.message.split(separator: " ").dropFirst(3).first.map(String.init)
                        ?? ""
                }
            }
            #expect(try await due() == [])
            test.clock.advance(by: 340 * 86_400)
            try await vendor.signMetadata()
            #expect(try await due() == ["root", "targets", "@acme/a"])
            try await vendor.checkReadiness()
            test.clock.advance(by: 26 * 86_400)
            try await vendor.signMetadata()
            await #expect(throws: NotReady.self) { try await vendor.checkReadiness() }

            // Signed where the keys are, it is ready again.
            for (requested, key) in [(Vendor.Requested.root([:]), "root"), (.targets, "targets")] {
                var request = try #require(try await vendor.signingRequest(requested))
                let file = KeyFile(folder.appending("\(key).pem"))
                _ = try request.sign(with: try #require(try file.key()))
                #expect(try await vendor.importSigned(request, by: test.actor) == [])
            }
            try await vendor.checkReadiness()
            #expect(try await due() == [])
        }
    }
}

/// Two programs at once, and files that are not what they should be.
struct RotationMishapTests {
    @Test func severalAtOnceTakeTurns() async throws {
        try await withTestVendor { test, _ in
            let others = try (0..<3).map { _ in
                try Vendor(opening: test.vendor.folder, settings: test.vendor.settings) {
                    test.clock.now
                }
            }
            defer { for other in others { try? other.records.close() } }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (number, other) in others.enumerated() {
                    for key in KeyName.allCases {
                        tasks.addTask {
                            let request = try KeyRotationRequest(key, isAtOnce: true)
                            _ = try await other.rotateKey(request, by: Actor("\(number)"))
                        }
                    }
                }
                for version in 0..<3 {
                    tasks.addTask { try await test.publish("@acme/a", "1.0.\(version)") }
                }
                try await tasks.waitForAll()
            }
            try await test.vendor.signMetadata()
            let keys = try await test.vendor.publicKeys()
            #expect(keys.filter { $0.state == .signing }.map(\.key) == KeyName.allCases)
            #expect(keys.filter { $0.key == .license }.count == 4)
            let entries = try await test.vendor.records.audit.entries(about: "key:targets")
            #expect(entries.map(\.action) == Array(repeating: "key.rotate", count: 3))
            let found = try await test.vendor.differences(
                of: PackageName("@acme/a"), in: test.vendor.signedRepository())
            #expect(found.signed.count == 3)
        }
    }

    @Test func aLicenseKeySignsOnceItsListIsInNoCacheAnyMore() async throws {
        try await withTestVendor { test, _ in
            let before = test.vendor.licenseSigner.keyID
            let request = try KeyRotationRequest(.license)
            let (rotation, hindrance) = try await test.vendor.rotateKey(request, by: test.actor)
            #expect(hindrance == .caches(40))
            #expect(test.vendor.licenseSigner.keyID == before)
            #expect(
                try test.vendor.keys.licenseKeySet().keyIDs == [before, rotation.newKeyID],
                "both are believed here before one is signed with")
            let root = try test.vendor.signedRepository().root
            #expect(
                try root.licenseKeys?.canonicalBytes()
                    == test.vendor.keys.licenseKeysInRoot().canonicalBytes())
            test.clock.advance(by: 39)
            #expect(try await test.vendor.endRotation() == .caches(1))
            test.clock.advance(by: 1)
            try await test.vendor.signMetadata()
            #expect(test.vendor.licenseSigner.keyID == rotation.newKeyID)
            #expect(try await test.vendor.endRotation() == nil)
        }
    }

    @Test func aJournalThatIsGarbageStopsTheSigningAndNothingElse() async throws {
        try await withTestVendor { test, _ in
            let journal = test.vendor.folder.keys.appending("rotation.json")
            for garbage in ["", "{}", "{\"key\":\"root\"}", "\0\0"] {
                try replaceFile(
                    journal, with: Array(garbage.utf8), permissions: [.ownerReadWrite])
                let error = await #expect(throws: StorageError.self) {
                    try await test.vendor.signMetadata()
                }
                #expect(error?.code == .dataFolderUnusable)
                try await test.vendor.checkReadiness()
            }
            try removeFile(journal)
            try await test.vendor.signMetadata()
        }
    }

    @Test func aListedKeyThatLostItsJournalIsKept() async throws {
        try await withTestVendor { test, _ in
            let keys = test.vendor.folder.keys
            let file = KeyFile(of: .root, in: keys)
            let old = try #require(try file.key())
            _ = try await test.vendor.rotateKey(
                KeyRotationRequest(.root), by: test.actor)
            let new = try #require(try file.key())
            // As a kill before the last step would have left it.
            try file.next.save(new)
            try file.save(old)
            try await test.vendor.signMetadata()
            #expect(try file.key()?.publicKey == new.publicKey)
            // A key that nothing lists goes.
            try file.next.save(old)
            try await test.vendor.signMetadata()
            #expect(try file.next.key() == nil)
            #expect(try file.key()?.publicKey == new.publicKey)
        }
    }

    @Test func anotherKeyInARolesPlaceSignsNothing() async throws {
        try await withTestVendor { test, _ in
            let file = KeyFile(of: .targets, in: test.vendor.folder.keys)
            let right = try #require(try file.key())
            try file.save(PrivateKey.generate(.ed25519))
            for body in [
                { _ = try await test.publish("@acme/a", "1.0.0") },
                {
                    _ = try await test.vendor.rotateKey(
                        KeyRotationRequest(.targets), by: test.actor)
                },
            ] {
                let error = await #expect(throws: TrustError.self) { try await body() }
                #expect(error?.code == .trustSigningKey)
            }
            try file.save(right)
            #expect(try await test.vendor.signMetadata())
        }
    }
}
