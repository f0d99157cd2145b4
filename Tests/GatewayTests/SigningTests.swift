import CanonicalJSON
import Cryptography
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

    /// More than there can be threads: those that wait must not keep one each.
    @Test(.timeLimit(.minutes(20))) func manyWhoSignAtOnceShareFewSignings() async throws {
        try await withTestVendor { test, _ in
            let release = try await test.publish("@acme/a", "1.0.0")
            let before = try test.vendor.signedRepository().timestamp.version
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for index in 0..<400 {
                    tasks.addTask {
                        try await test.vendor.records.releases.setTag(
                            DistTag("tag-\(index)"), of: release.name, to: release.version,
                            by: test.actor, at: test.clock.now)
                        try await test.vendor.signMetadata()
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await unsigned(test.vendor) == [])
            let repository = try test.vendor.signedRepository()
            #expect(repository.timestamp.version - before < 200)
            let found = try await test.vendor.differences(of: release.name, in: repository)
            #expect(found.signed.first?.release.tags.count == 400)
        }
    }

    @Test(.timeLimit(.minutes(20))) func manyWhoNeedTheLockAllGetIt() async throws {
        try await withTestVendor { test, _ in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<400 {
                    tasks.addTask { _ = try await test.vendor.rootListingLicenseKeys() }
                }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func aPluginWhoseSignatureEndedMakesTheGatewayUnready() async throws {
        try await withTestVendor { test, _ in
            try await test.publish("@acme/a", "1.0.0")
            try await test.vendor.checkReadiness()
            test.clock.advance(by: 400 * 86_400)
            let error = await #expect(throws: NotReady.self) {
                try await test.vendor.checkReadiness()
            }
            #expect(try #require(error).description.contains("The role of @acme/a expired"))
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
