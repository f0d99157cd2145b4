import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata
import Storage
import SystemPackage
import Testing

@testable import Gateway

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
            try await test.publish("@acme/a", "1.0.0")
        }
    }
}
