import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Packages
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// npm's addresses, and tarballs by either address.
struct RegistryTests {
    @Test func aPackumentHasTheReleasesThatTheLicenseMayHave() async throws {
        try await TestGateway.run { gateway in
            let test = gateway.test
            let early = test.clock.now.addingTimeInterval(-30 * 86_400)
            for version in ["1.0.0", "1.1.0"] {
                try await test.publish("@acme/x", version, PublishOptions(published: early))
            }
            try await test.publish("@acme/x", "1.2.0")
            try await test.publish("@acme/x", "2.0.0-beta.1", PublishOptions(channel: "next"))
            try await gateway.vendor.records.releases.yank(
                PackageName("@acme/x"), SemanticVersion("1.0.0"), reason: "bug", by: test.actor,
                at: test.clock.now)
            let (_, key) = try await test.issue(
                ["@acme/x"], updatesUntil: early.addingTimeInterval(86_400))
            let token = try await TestInstance(gateway).register(key).token
            for path in ["/@acme%2fx", "/@acme%2Fx", "/@acme/x", "/%40acme%2fx"] {
                let response = try await gateway.send("GET", path, token: token)
                #expect(response.status == 200)
                #expect(response.json["name"] == "@acme/x")
                #expect(response.json["versions"]?.object?.names == ["1.1.0"])
                #expect(response.json["dist-tags"] == ["latest": "1.1.0"])
                #expect(response.header("Cache-Control") == "private, no-cache")
                let dist = response.json["versions"]?["1.1.0"]?["dist"]
                #expect(
                    dist?["tarball"] == "https://plugins.acme.example/@acme/x/-/x-1.1.0.tgz")
                let tag = try #require(response.header("ETag"))
                let again = try await gateway.send(
                    "GET", path, token: token, headers: [("If-None-Match", tag)])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
            }
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let path: String
        let status: Int
        let code: String
        var reason: String?
        var token: @Sendable (TestGateway, Secret<String>) async throws -> Secret<String>? = {
            $1
        }
    }

    static let tarball = "/@acme/x/-/x-1.0.0.tgz"

    static let refusals = [
        Refusal(
            testDescription: "no token", path: "/@acme/x/-/x-1.0.0.tgz", status: 404,
            code: "registry.not-found"
        ) { _, _ in nil },
        Refusal(
            testDescription: "no token that can be read", path: tarball, status: 401,
            code: "registry.credentials-invalid"
        ) { _, _ in Secret("nonsense") },
        Refusal(
            testDescription: "a bit flipped", path: tarball, status: 401,
            code: "registry.credentials-invalid"
        ) { _, token in
            var text = Array(token.reveal().utf8)
            text[text.count - 20] ^= 1
            return Secret(String(decoding: text, as: UTF8.self))
        },
        Refusal(
            testDescription: "lease over", path: tarball, status: 401,
            code: "registry.credentials-invalid"
        ) { gateway, token in
            gateway.test.clock.advance(by: 48 * 3600)
            return token
        },
        Refusal(
            testDescription: "published after the update period", path: "/@acme/x/-/x-1.1.0.tgz",
            status: 403, code: "registry.version-forbidden", reason: "update-period-ended"),
        Refusal(
            testDescription: "no release that it may have", path: "/@acme/late", status: 403,
            code: "registry.version-forbidden", reason: "update-period-ended"),
        Refusal(
            testDescription: "no such version", path: "/@acme/x/-/x-9.0.0.tgz", status: 404,
            code: "registry.not-found"),
        Refusal(
            testDescription: "not licensed", path: "/@acme/secret/-/secret-1.0.0.tgz", status: 404,
            code: "registry.not-found"),
        Refusal(
            testDescription: "packument not licensed", path: "/@acme/secret", status: 404,
            code: "registry.not-found"),
        Refusal(
            testDescription: "no such plugin", path: "/@acme/none", status: 404,
            code: "registry.not-found"),
        Refusal(
            testDescription: "another plugin's file", path: "/@acme/x/-/secret-1.0.0.tgz",
            status: 404, code: "gateway.not-found"),
        Refusal(
            testDescription: "taken away since", path: tarball, status: 404,
            code: "registry.not-found"
        ) { gateway, token in
            try await change(gateway) { $0.terms.grants.removeAll() }
            return token
        },
        Refusal(
            testDescription: "suspended since", path: tarball, status: 403,
            code: "license.suspended", reason: "suspended"
        ) { gateway, token in
            try await change(gateway) { $0.status = .suspended }
            return token
        },
        Refusal(
            testDescription: "revoked since", path: tarball, status: 403, code: "license.revoked",
            reason: "revoked"
        ) { gateway, token in
            try await change(gateway) { $0.status = .revoked }
            return token
        },
    ]

    private static func change(
        _ gateway: TestGateway, _ change: @Sendable @escaping (inout LicenseRecord) -> Void
    ) async throws {
        let license = try #require(try await gateway.vendor.records.licenses.all().first)
        _ = try await gateway.vendor.records.licenses.change(
            license.id, as: "license.edit", by: gateway.test.actor, at: gateway.test.clock.now,
            change)
    }

    @Test(arguments: refusals) func refusesWithACode(_ refusal: Refusal) async throws {
        try await TestGateway.run { gateway in
            let test = gateway.test
            let early = test.clock.now.addingTimeInterval(-30 * 86_400)
            try await test.publish("@acme/x", "1.0.0", PublishOptions(published: early))
            for (name, version) in [
                ("@acme/x", "1.1.0"), ("@acme/late", "1.0.0"), ("@acme/secret", "1.0.0"),
            ] {
                try await test.publish(name, version)
            }
            let (_, key) = try await test.issue(
                ["@acme/x", "@acme/late"], updatesUntil: early.addingTimeInterval(86_400))
            let registered = try await TestInstance(gateway).register(key).token
            let token = try await refusal.token(gateway, registered)
            let response = try await gateway.send("GET", refusal.path, token: token)
            #expect(response.code == refusal.code)
            #expect(response.status == refusal.status)
            #expect(response.json["reason"]?.string == refusal.reason)
            #expect(response.json["remedy"]?.string?.isEmpty == false)
        }
    }

    @Test func aFreePluginNeedsNoLicense() async throws {
        try await TestGateway.run { gateway in
            let release = try await gateway.test.publish("@acme/free", "1.0.0")
            let response = try await gateway.send("GET", "/@acme/free/-/free-1.0.0.tgz")
            #expect(Digest.of(.sha512, response.body) == release.sha512)
        }
    }

    @Test func tarballsComeWholeAndInParts() async throws {
        try await TestGateway.run { gateway in
            let release = try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let whole = try await gateway.send("GET", Self.tarball, token: token)
            #expect(Digest.of(.sha512, whole.body) == release.sha512)
            let tag = try #require(whole.header("ETag"))
            #expect(whole.header("Accept-Ranges") == "bytes")
            #expect(whole.header("Cache-Control")?.contains("immutable") == true)

            let signed = "/targets/@acme/x/-/\(release.sha512.hex).x-1.0.0.tgz"
            #expect(try await gateway.send("GET", signed, token: token).body == whole.body)
            let foreign = signed.replacing(
                release.sha512.hex, with: Digest.of(.sha512, []).hex)
            #expect(
                try await gateway.send("GET", foreign, token: token).code == "registry.not-found")

            let head = try await gateway.send("HEAD", Self.tarball, token: token)
            #expect(head.header("Content-Length") == "\(whole.body.count)")
            #expect(head.body.isEmpty)

            let rest = try await gateway.send(
                "GET", Self.tarball, token: token,
                headers: [("Range", "bytes=100-"), ("If-Range", tag)])
            #expect(rest.status == 206)
            #expect(rest.body == Array(whole.body[100...]))
            #expect(
                rest.header("Content-Range")
                    == "bytes 100-\(whole.body.count - 1)/\(whole.body.count)")

            let changed = try await gateway.send(
                "GET", Self.tarball, token: token,
                headers: [("Range", "bytes=100-"), ("If-Range", "\"other\"")])
            #expect(changed.status == 200)
            #expect(changed.body == whole.body)

            let behind = try await gateway.send(
                "GET", Self.tarball, token: token, headers: [("Range", "bytes=1000000-")])
            #expect(behind.status == 416)
            #expect(behind.header("Content-Range") == "bytes */\(whole.body.count)")

            let same = try await gateway.send(
                "GET", Self.tarball, token: token, headers: [("If-None-Match", tag)])
            #expect(same.status == 304)
        }
    }

    @Test func aLargeTarballIsStreamedAndCounted() async throws {
        try await TestGateway.run { gateway in
            var package = TestPackage("@acme/free", "1.0.0")
            var generator = SeededGenerator(seed: 7)
            package.content = (0..<300_000).map { _ in
                String(Int.random(in: 0...9, using: &generator))
            }.joined()
            let test = gateway.test
            _ = try await gateway.vendor.publish(
                package.pack(in: test.folder), PublishOptions(), by: test.actor)
            try await gateway.vendor.signMetadata()
            let response = try await gateway.send("GET", "/@acme/free/-/free-1.0.0.tgz")
            #expect(response.body.count > 1 << 16)
            #expect(response.header("Content-Length") == "\(response.body.count)")
            let line = await gateway.logs.line(with: "free-1.0.0")
            #expect(line.contains("\"bytes\":\"\(response.body.count)\""))
        }
    }

    /// Whoever owns the gateway's disk cannot be stopped there; installations must see it.
    @Test func anAlteredArtifactIsServedAsItIs() async throws {
        try await TestGateway.run { gateway in
            let release = try await gateway.test.publish("@acme/free", "1.0.0")
            let path = gateway.vendor.artifacts.path(of: release.sha512)
            var bytes = try #require(try readFile(path))
            bytes[bytes.count / 2] ^= 1
            try replaceFile(path, with: bytes, permissions: [.ownerReadWrite])
            let response = try await gateway.send("GET", "/@acme/free/-/free-1.0.0.tgz")
            #expect(response.body == bytes)
        }
    }

    @Test func theRegistryKeysAreThoseThatAreSigned() async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.send("GET", "/-/npm/v1/keys")
            let keys = try RegistryKeys(json: response.json)
            #expect(keys.entries.map(\.key) == [gateway.vendor.keys.registry.publicKey])
            #expect(response.body == (try await gateway.vendor.signedFile("keys/registry.json")))
        }
    }
}
