import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Packages
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// A release that nobody signed yet is there for nobody.
struct AwaitingReleaseTests {
    @Test func aReleaseIsSeenOnceItIsSigned() async throws {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            let name = try PackageName("@acme/x")
            let releases = test.vendor.records.releases
            _ = try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            #expect(try await releases.releases(of: name).isEmpty)
            // A signing that fails shows nothing either.
            let key = KeyFile(of: .snapshot, in: test.vendor.folder.keys).path
            let pem = try #require(try readFile(key))
            let other = try TestVendor.otherKey()
            try replaceFile(key, with: other, permissions: [.ownerReadWrite])
            await #expect(throws: TrustError.self) { try await test.vendor.signMetadata() }
            #expect(try await releases.releases(of: name).isEmpty)
            try replaceFile(key, with: pem, permissions: [.ownerReadWrite])
            #expect(try await test.vendor.signMetadata())
            #expect(try await releases.releases(of: name).count == 1)
        }
    }

    /// The program was killed when the metadata was written and the records were not.
    @Test func theNextSigningShowsWhatTheMetadataHas() async throws {
        try await withTestVendor { test, folder in
            let name = try PackageName("@acme/x")
            let releases = test.vendor.records.releases
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            _ = try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            let repository = try test.vendor.signedRepository()
            let changes = try await test.vendor.changes(
                of: try await releases.unsignedPlugins(expiringBefore: nil), since: repository)
            try test.vendor.write(
                repository.publishing(
                    changes, keys: test.vendor.keys.signing, now: test.clock.now,
                    reading: test.vendor.metadataFile
                ).files)
            #expect(try await releases.releases(of: name).isEmpty)
            #expect(try await !test.vendor.signMetadata())
            #expect(try await releases.releases(of: name).count == 1)
            #expect(try await releases.unsignedPlugins(expiringBefore: .distantPast).isEmpty)
        }
    }

    @Test func aGatewayThatCannotSignTakesNothingIn() async throws {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            try removeFile(KeyFile(of: .targets, in: test.vendor.folder.keys).path)
            let error = await #expect(throws: TrustError.self) {
                try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            }
            #expect(error?.code == .trustSigningKey)
            #expect(try await test.vendor.records.releases.allPlugins().isEmpty)
        }
    }

    @Test func onlyWhatIsSignedIsListedAndAllCanBeWithdrawn() async throws {
        try await TestGateway.run(settings: ["signing": "offline"]) { gateway in
            let (vendor, actor) = (gateway.vendor, gateway.test.actor)
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: gateway.test.folder)
            _ = try await vendor.publish(tarball, PublishOptions(), by: actor)
            let name = try PackageName("@acme/x")
            let known = try await vendor.knownPlugins(to: .administrator(tokenID: "t"))
            #expect(known == [])
            // A license for it may be made ready, and it may be withdrawn.
            try await vendor.checkPublished(["@acme/x"])
            let token = try await vendor.makePublishToken(
                named: "ci", for: ["@acme/*"], lifetime: nil, by: actor
            ).token
            let response = try await gateway.send(
                "DELETE", "/@acme/x/-/x-1.0.0.tgz/-rev/1", token: token)
            #expect(response.status == 200)
            let record = try await vendor.records.releases.recordedRelease(
                name, SemanticVersion("1.0.0"))
            #expect(record?.release.yanked?.hasPrefix("unpublished by") == true)
        }
    }
}

extension TestVendor {
    /// A private key that no role has.
    fileprivate static func otherKey() throws -> [UInt8] {
        Array(try PrivateKey.generate(.ed25519).pem.reveal().utf8)
    }
}
