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

/// Publishing over npm's protocol: documents that lie, and two who publish at once.
struct PublishRoutesTests {
    /// A publish document as npm sends it, to be spoiled.
    struct Document {
        var name = "@acme/x"
        var version = "1.0.0"
        var tag = "latest"
        var attachmentName: String?
        var length: Int64?
        var integrity: String?
        var shasum: String?
        var data: String?

        func json(_ tarball: [UInt8]) throws -> JSONValue {
            let title = attachmentName ?? "\(name)-\(version).tgz"
            let integrity = try Integrity(Digest.of(.sha512, tarball)).description
            let stated: JSONValue = [
                "name": .string(name), "version": .string(version),
                "dist": [
                    "integrity": .string(self.integrity ?? integrity),
                    "shasum": .string(shasum ?? Digest.of(.sha1, tarball).hex),
                ],
            ]
            let attachment: JSONValue = [
                "content_type": "application/octet-stream",
                "data": .string(data ?? Base64.encode(tarball)),
                "length": .integer(length ?? Int64(tarball.count)),
            ]
            return [
                "_id": .string(name), "name": .string(name),
                "dist-tags": JSONValue(sorted: [tag: version]),
                "versions": JSONValue(sorted: [version: stated]), "access": nil,
                "_attachments": JSONValue(sorted: [title: attachment]),
            ]
        }
    }

    struct Lie: CustomTestStringConvertible {
        let testDescription: String
        var path = "/@acme%2fx"
        var status = 400
        let code: String
        var change: @Sendable (inout Document) -> Void = { _ in }
        var package: @Sendable (inout TestPackage) -> Void = { _ in }
    }

    static let lies = [
        Lie(testDescription: "length", code: "registry.publish-mismatch") { $0.length = 1 },
        Lie(testDescription: "attachment's name", code: "registry.publish-mismatch") {
            $0.attachmentName = "@acme/y-1.0.0.tgz"
        },
        Lie(testDescription: "integrity", code: "registry.publish-mismatch") {
            $0.integrity = "sha512-\(Base64.encode(Array(repeating: 0, count: 64)))"
        },
        Lie(testDescription: "shasum", code: "registry.publish-mismatch") { $0.shasum = "00" },
        Lie(testDescription: "version", code: "registry.publish-mismatch") { $0.version = "1.0.1" },
        Lie(testDescription: "name", code: "registry.publish-mismatch") { $0.name = "@acme/y" },
        Lie(testDescription: "not base64", code: "registry.publish-malformed") { $0.data = "!" },
        Lie(testDescription: "no tarball", code: "archive.not-gzip") { document in
            let bytes = Array("no tarball".utf8)
            document.data = Base64.encode(bytes)
        },
        Lie(testDescription: "empty", code: "registry.publish-malformed") { $0.data = "" },
        Lie(testDescription: "a tag that is no channel", code: "registry.release-refused") {
            $0.tag = "nightly"
        },
        Lie(
            testDescription: "another plugin's address", path: "/@acme%2fy",
            code: "registry.publish-mismatch"),
        Lie(
            testDescription: "a name that is none of npm's", path: "/@Acme%2fX", status: 404,
            code: "registry.name-invalid"),
        Lie(
            testDescription: "a hostile tarball", code: "archive.link",
            package: { $0.hasLink = true }),
        Lie(
            testDescription: "a tarball of another plugin", code: "registry.publish-mismatch",
            package: { $0.name = "@acme/z" }),
    ]

    @Test(arguments: lies) func refuses(_ lie: Lie) async throws {
        try await TestGateway.run { gateway in
            var package = TestPackage("@acme/x", "1.0.0")
            lie.package(&package)
            let tarball = try tarball(package, gateway)
            var document = Document()
            lie.change(&document)
            let response = try await gateway.send(
                "PUT", lie.path, token: try await token(gateway),
                body: document.json(tarball).compactBytes)
            #expect(response.code == lie.code, "\(response.json["detail"]?.string ?? "")")
            #expect(response.status == lie.status)
            try await expectNothing(gateway)
        }
    }

    @Test(arguments: [
        "", "{", "[]", "{}", "nonsense", "{\"versions\":{}}", "{\"_attachments\":{}}",
    ])
    func refusesWhatIsNoDocument(_ text: String) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.send(
                "PUT", "/@acme%2fx", token: try await token(gateway), body: Array(text.utf8))
            // An object without an attachment changes a plugin, and there is none yet.
            #expect(
                response.code == "registry.publish-malformed"
                    || response.code == "registry.not-found", "\(response.code ?? "")")
            try await expectNothing(gateway)
        }
    }

    @Test func refusesATarballThatIsTooLong() async throws {
        try await TestGateway.run(settings: ["maximum-tarball": "100"]) { gateway in
            let tarball = try tarball(TestPackage("@acme/x", "1.0.0"), gateway)
            let response = try await gateway.send(
                "PUT", "/@acme%2fx", token: try await token(gateway),
                body: Document().json(tarball).compactBytes)
            #expect(response.status == 413)
            #expect(response.code == "registry.tarball-too-large")
            try await expectNothing(gateway)
        }
    }

    @Test(arguments: [false, true]) func ofTwoWhoPublishOneVersionOneWins(
        _ sameBytes: Bool
    ) async throws {
        try await TestGateway.run { gateway in
            var second = TestPackage("@acme/x", "1.0.0")
            if !sameBytes { second.content = "exports.other = 1\n" }
            let tarballs = [
                try tarball(TestPackage("@acme/x", "1.0.0"), gateway),
                try tarball(second, gateway),
            ]
            let token = try await token(gateway)
            let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                for index in 0..<8 {
                    let bytes = sameBytes ? tarballs[0] : tarballs[index % 2]
                    group.addTask {
                        let response = try await gateway.send(
                            "PUT", "/@acme%2fx", token: token,
                            body: Document().json(bytes).compactBytes)
                        return (Int(response.status), bytes)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.0).sorted() == [201] + Array(repeating: 409, count: 7))
            let winner = try #require(answers.first { $0.0 == 201 })
            let stored = try await gateway.send("GET", "/@acme/x/-/x-1.0.0.tgz", token: token)
            #expect(stored.body == winner.1)
        }
    }

    @Test func aChangeForAnOlderRevisionIsRefused() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let token = try await token(gateway)
            let packument = try await gateway.send("GET", "/@acme%2fx?write=true", token: token)
            try await gateway.test.publish("@acme/x", "1.1.0")
            let revision = try #require(packument.json["_rev"]?.string)
            for (method, path, body) in [
                ("PUT", "/@acme%2fx", packument.body),
                ("PUT", "/@acme%2fx/-rev/\(revision)", packument.body),
                ("DELETE", "/@acme%2fx/-rev/\(revision)", nil),
            ] {
                let response = try await gateway.send(method, path, token: token, body: body)
                #expect(response.status == 409)
                #expect(response.code == "registry.revision-conflict")
            }
            let after = try await gateway.send("GET", "/@acme%2fx", token: token)
            #expect(after.json["versions"]?.object?.names == ["1.0.0", "1.1.0"])
        }
    }

    @Test func ofManyChangesForOneRevisionOneIsMade() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let token = try await token(gateway)
            let packument = try await gateway.send("GET", "/@acme%2fx?write=true", token: token)
            let revision = try #require(packument.json["_rev"])
            let answers = try await withThrowingTaskGroup(of: (UInt, String).self) { group in
                for index in 0..<8 {
                    group.addTask {
                        let document = deprecation(.string("old \(index)"), revision)
                        let response = try await gateway.send(
                            "PUT", "/@acme%2fx", token: token, body: document.compactBytes)
                        return (UInt(response.status), "old \(index)")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.0).sorted() == [201] + Array(repeating: 409, count: 7))
            let kept = try await gateway.vendor.records.releases.release(
                PackageName("@acme/x"), SemanticVersion("1.0.0"))
            #expect(kept?.release.deprecated == answers.first { $0.0 == 201 }?.1)
        }
    }

    static let deprecations: [(JSONValue, String?)] = [
        (.string(String(repeating: "x", count: 1001)), "registry.message-invalid"),
        (.string("a\u{0}b"), "registry.message-invalid"),
        (.string("two\nlines"), "registry.message-invalid"),
        (.integer(1), "registry.publish-malformed"), (.bool(true), "registry.publish-malformed"),
        (.object([:]), "registry.publish-malformed"), (.bool(false), nil), (.null, nil),
        (.string("  "), nil),
    ]

    @Test(arguments: deprecations)
    func takesNoDeprecationThatCannotBeShown(_ stated: JSONValue, _ code: String?) async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let response = try await gateway.send(
                "PUT", "/@acme%2fx", token: try await token(gateway),
                body: deprecation(stated, nil).compactBytes)
            #expect(response.code == code)
            #expect(response.status == (code == nil ? 201 : 400))
            let kept = try await gateway.vendor.records.releases.release(
                PackageName("@acme/x"), SemanticVersion("1.0.0"))
            #expect(kept?.release.deprecated == nil)
        }
    }

    /// What `npm deprecate` sends.
    private func deprecation(_ message: JSONValue, _ revision: JSONValue?) -> JSONValue {
        let version: JSONValue = ["version": "1.0.0", "deprecated": message]
        return [
            "name": "@acme/x", "_rev": revision ?? .null,
            "versions": JSONValue(sorted: ["1.0.0": version]),
        ]
    }

    @Test func aTokenThatOnlyReadsChangesNothing() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let token = try await token(gateway)
            let made = try await gateway.send(
                "POST", "/-/npm/v1/tokens", token: token,
                body: JSONValue.object([
                    "password": .string(token.reveal()), "readonly": true,
                ]).compactBytes)
            #expect(made.status == 201)
            let readOnly = Secret(try #require(made.json["token"]?.string))
            #expect(try await gateway.send("GET", "/@acme/x", token: readOnly).status == 200)
            for (method, path) in [
                ("PUT", "/@acme%2fx"), ("DELETE", "/@acme%2fx/-rev/1"),
                ("PUT", "/-/package/@acme%2fx/dist-tags/a"),
                ("DELETE", "/-/package/@acme%2fx/dist-tags/a"),
            ] {
                let response = try await gateway.send(
                    method, path, token: readOnly, body: Array("\"1.0.0\"".utf8))
                #expect(response.code == "registry.publish-forbidden", "\(method) \(path)")
            }
            let more = try await gateway.send(
                "POST", "/-/npm/v1/tokens", token: readOnly,
                body: JSONValue.object(["password": .string(readOnly.reveal())]).compactBytes)
            #expect(more.code == "registry.publish-forbidden")
        }
    }

    private func token(_ gateway: TestGateway) async throws -> Secret<String> {
        try await gateway.vendor.makePublishToken(
            named: "ci", for: ["@acme/*"], lifetime: nil, by: gateway.test.actor
        ).token
    }

    private func tarball(_ package: TestPackage, _ gateway: TestGateway) throws -> [UInt8] {
        try #require(try readFile(package.pack(in: gateway.test.folder)))
    }

    private func expectNothing(_ gateway: TestGateway) async throws {
        #expect(try await gateway.vendor.records.releases.allPlugins().isEmpty)
        #expect(
            try namesInFolder(gateway.vendor.artifacts.root.appending("incoming")).isEmpty)
    }
}
