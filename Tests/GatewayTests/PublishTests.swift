import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

struct PublishTests {
    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let code: String
        var options = PublishOptions()
        let change: @Sendable (inout TestPackage) -> Void
    }

    static let refusals = [
        Refusal(testDescription: "link", code: "archive.link") { $0.hasLink = true },
        Refusal(testDescription: "no range", code: "registry.release-refused") {
            $0.applicationRange = nil
        },
        Refusal(testDescription: "bad range", code: "registry.range-invalid") {
            $0.applicationRange = "!"
        },
        Refusal(testDescription: "no scope", code: "registry.release-refused") { $0.name = "x" },
        Refusal(testDescription: "bad name", code: "registry.name-invalid") { $0.name = "@A/X" },
        Refusal(testDescription: "bad version", code: "registry.version-invalid") {
            $0.version = "1.0"
        },
        Refusal(testDescription: "build metadata", code: "registry.release-refused") {
            $0.version = "1.0.0+2"
        },
        Refusal(
            testDescription: "unknown channel", code: "registry.release-refused",
            options: PublishOptions(channel: "nightly")
        ) { _ in },
    ]

    @Test(arguments: refusals) func refuses(_ refusal: Refusal) async throws {
        try await withTestVendor { test, folder in
            var package = TestPackage("@acme/x", "1.0.0")
            refusal.change(&package)
            let tarball = try package.pack(in: folder)
            let error = await #expect(throws: (any Error).self) {
                try await test.vendor.publish(tarball, refusal.options, by: test.actor)
            }
            #expect((error as? any Failure)?.code.name == refusal.code)
            #expect(try await test.vendor.records.releases.allPlugins().isEmpty)
            #expect(try namesInFolder(test.vendor.artifacts.root.appending("incoming")).isEmpty)
        }
    }

    @Test func refusesATarballThatWasCut() async throws {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            let bytes = try #require(try readFile(tarball))
            for length in stride(from: 0, to: bytes.count, by: 7) {
                try replaceFile(
                    tarball, with: Array(bytes[..<length]), permissions: [.ownerReadWrite])
                let error = await #expect(throws: (any Error).self) {
                    try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
                }
                #expect((error as? any Failure)?.code.name.hasPrefix("archive.") == true)
            }
            #expect(try await test.vendor.records.releases.allPlugins().isEmpty)
        }
    }

    @Test func aVersionNeverChanges() async throws {
        try await withTestVendor { test, folder in
            var package = TestPackage("@acme/x", "1.0.0")
            let first = try package.pack(in: folder)
            let options = PublishOptions()
            guard
                case .published(let release) =
                    try await test.vendor.publish(first, options, by: test.actor)
            else { throw TestFailure("it was there before") }
            #expect(
                try await test.vendor.publish(first, options, by: test.actor)
                    == .alreadyPublished(release))
            package.content = "other"
            let other = try package.pack(in: folder)
            let error = await #expect(throws: StorageError.self) {
                try await test.vendor.publish(other, options, by: test.actor)
            }
            #expect(error?.code == .registryVersionExists)
            let kept = try await test.vendor.records.releases.allReleases(of: release.name)
            #expect(kept.map(\.release.sha512) == [release.sha512])
        }
    }

    @Test(arguments: [true, false]) func theSameBytesAgainMendWhatIsThere(isLost: Bool) async throws
    {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            guard
                case .published(let release) =
                    try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            else { throw TestFailure("it was there before") }
            let path = test.vendor.artifacts.path(of: release.sha512)
            let bytes = try readFile(path)
            if isLost {
                try FileManager.default.removeItem(atPath: path.string)
            } else {
                try replaceFile(path, with: [1, 2, 3], permissions: [.ownerReadWrite])
            }
            let outcome = try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            #expect(outcome == .alreadyPublished(release))
            #expect(try readFile(path) == bytes)
        }
    }

    @Test func twoWhoPublishTheSameBytesBothSucceed() async throws {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            let outcomes = try await withThrowingTaskGroup(of: PublishOutcome.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            let first = outcomes.filter { if case .published = $0 { true } else { false } }
            #expect(outcomes.count == 8)
            #expect(first.count == 1)
        }
    }

    @Test func keepsWhatThePackageSays() async throws {
        try await withTestVendor { test, folder in
            let day = Date(timeIntervalSince1970: 1_700_000_000)
            let release = try await test.publish(
                "@acme/x", "1.0.0", PublishOptions(channel: "next", published: day))
            #expect(release.applicationRange?.text == ">=2.0.0 <3.0.0")
            #expect(release.published == day)
            #expect(release.channel == "next")
            #expect(release.fileCount == 2)
            let bytes = try #require(
                try readFile(test.vendor.artifacts.path(of: release.sha512)))
            #expect(Digest.of(.sha512, bytes) == release.sha512)
            #expect(Int64(bytes.count) == release.length)
            let keys = RegistryKeys([
                try RegistryKeys.Entry(test.vendor.keys.registry.publicKey)
            ])
            try keys.verify(
                release.signatures, name: release.name, version: release.version,
                integrity: Integrity(release.sha512), published: day)
        }
    }

    /// The program was killed between the record and the metadata.
    @Test func theNextSigningFinishesAPublishingThatWasStopped() async throws {
        try await withTestVendor { test, folder in
            let tarball = try TestPackage("@acme/x", "1.0.0").pack(in: folder)
            _ = try await test.vendor.publish(tarball, PublishOptions(), by: test.actor)
            #expect(try test.vendor.signedRepository().targets.delegations == nil)
            #expect(try await test.vendor.signMetadata())
            let delegations = try test.vendor.signedRepository().targets.delegations
            #expect(delegations?.roles.map(\.name) == [PluginRole.name(of: "@acme/x")])
            #expect(try await !test.vendor.signMetadata())
        }
    }

    @Test func severalSignersNeverShareAVersion() async throws {
        try await withTestVendor { test, folder in
            let tarballs = try (0..<6).map {
                try TestPackage("@acme/x", "1.0.\($0)").pack(in: folder)
            }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for tarball in tarballs {
                    tasks.addTask {
                        _ = try await test.vendor.publish(
                            tarball, PublishOptions(), by: test.actor)
                        try await test.vendor.signMetadata()
                    }
                }
                try await tasks.waitForAll()
            }
            let role = PluginRole.name(of: "@acme/x")
            let repository = try test.vendor.signedRepository()
            let version = try #require(repository.snapshot.files["\(role).json"]?.version)
            let bytes = try #require(try test.vendor.metadataFile("\(version).\(role).json"))
            let targets = try JSONReader(parseJSON(bytes))["signed"]["targets"].object()
            #expect(targets.count == tarballs.count)
        }
    }

    struct Renewal {
        let seconds: TimeInterval
        let isSigned: Bool
    }

    @Test(arguments: [
        Renewal(seconds: 3599, isSigned: false), Renewal(seconds: 3600, isSigned: true),
        Renewal(seconds: 40 * 86_400, isSigned: true),
        Renewal(seconds: 800 * 86_400, isSigned: true),
    ])
    func theTimestampIsRenewedEachHour(_ given: Renewal) async throws {
        try await withTestVendor { test, folder in
            try await test.publish("@acme/x", "1.0.0")
            let before = try test.vendor.signedRepository()
            test.clock.advance(by: given.seconds)
            #expect(try await test.vendor.signMetadata() == given.isSigned)
            let after = try test.vendor.signedRepository()
            #expect((after.timestamp.version > before.timestamp.version) == given.isSigned)
            #expect(after.snapshot.expires > test.clock.now)
            #expect(after.root.expires > test.clock.now)
            #expect(try await !test.vendor.signMetadata())
        }
    }
}
