import CanonicalJSON
import Cryptography
import Diagnostics
import Glibc
import HTTPTransfer
import Packages
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// Ten thousand requests that are broken in every way: each gets an answer or a closed connection, and
/// the gateway stands as before.
struct FuzzTests {
    /// The requests that are broken; every address of the gateway belongs here.
    ///
    /// TOKEN stands for a valid license token, HASH for the SHA-512 of a file that exists, PUBLISHER for
    /// a publish token, KEY and SECRET for an access key pair, DOCUMENT for what `npm publish` sends.
    private static let bases: [String] = [
        get("/healthz"), get("/readyz"), get("/-/ping"), get("/-/npm/v1/keys"),
        get("/metadata/timestamp.json", "Accept-Encoding: gzip\r\n"),
        get("/metadata/1.root.json", "If-None-Match: \"x\"\r\n"),
        get("/targets/HASH.fuzzed.json", "Range: bytes=0-9\r\n"),
        get("/targets/HASH.fuzzed.json", "Range: bytes=99-\r\n"),
        get("/targets/HASH.fuzzed.json", "If-None-Match: *\r\n"),
        get("/targets/@acme/x/-/HASH.x-1.0.0.tgz", "Authorization: Bearer TOKEN\r\n"),
        get("/@acme%2fx", "Authorization: Bearer TOKEN\r\nAccept: application/json\r\n"),
        get("/@acme/x", "Authorization: Bearer no.such.token\r\n"),
        get("/@acme/x/-/x-1.0.0.tgz", "Authorization: Bearer TOKEN\r\nRange: bytes=5-\r\n"),
        get("/@acme/x/-/x-1.0.0.tgz", "Authorization: Basic YTpi\r\n"),
        "HEAD /@acme/x/-/x-1.0.0.tgz HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        post(
            "/api/v1/on-premise/agent",
            "{\"version\":1,\"action\":\"register\",\"license_key\":\"x\"}"),
        post(
            "/api/v1/on-premise/agent",
            "{\"version\":1,\"action\":\"heartbeat\",\"installation_id\":\"x\",\"counter\":1}",
            "Tollgate-Signature: 00\r\n"),
        post(
            "/api/v1/on-premise/agent",
            "{\"version\":0,\"action\":\"heartbeat\",\"installation_id\":\"x\",\"timestamp\":1}"),
        "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\n{\"ver\r\n9\r\nsion\":1}}\r\n0\r\n\r\n",
        get("/healthz") + get("/-/ping") + get("/nothing"),
        get("/-/whoami", "Authorization: Bearer PUBLISHER\r\n"),
        get("/-/v1/search?text=x+y&size=2&from=1", "Authorization: Bearer TOKEN\r\n"),
        get("/-/package/@acme%2fx/dist-tags", "Authorization: Bearer TOKEN\r\n"),
        get("/-/npm/v1/tokens", "Authorization: Bearer PUBLISHER\r\n"),
        get("/-/v1/login/done/0011"), get("/-/login/0011"),
        get("/pro-packages", "Authorization: Bearer TOKEN\r\n"),
        publisher("PUT", "/@acme%2fy", "DOCUMENT"), publisher("PUT", "/@acme%2fy", "DOCUMENT"),
        publisher(
            "PUT", "/@acme%2fy",
            "{\"name\":\"@acme/y\",\"versions\":{\"1.0.0\":{\"deprecated\":\"old\"}}}"),
        publisher("PUT", "/@acme%2fy/-rev/1", "{\"versions\":{\"1.0.0\":{}}}"),
        publisher("DELETE", "/@acme%2fy/-rev/2", ""),
        publisher("DELETE", "/@acme/y/-/y-1.0.0.tgz/-rev/2", ""),
        publisher("PUT", "/-/package/@acme%2fy/dist-tags/stable", "\"1.0.0\""),
        publisher("DELETE", "/-/package/@acme%2fy/dist-tags/stable", ""),
        publisher("POST", "/-/npm/v1/security/advisories/bulk", "{\"@acme/x\":[\"1.0.0\"]}"),
        publisher("POST", "/-/npm/v1/tokens", "{\"password\":\"PUBLISHER\"}"),
        publisher("DELETE", "/-/npm/v1/tokens/token/tok_1", ""),
        post("/-/v1/login", "{\"hostname\":\"a\"}"),
        post("/-/verdaccio/sec/login", "{\"username\":\"KEY\",\"password\":\"SECRET\"}"),
        post(
            "/api/license_keys:getKey",
            "{\"access_key_id\":\"KEY\",\"access_key_secret\":\"SECRET\"}"),
        post(
            "/api/license_keys:getKeyStatus",
            "{\"access_key_id\":\"KEY\",\"access_key_secret\":\"no\"}"),
        publisher(
            "PUT", "/-/user/org.couchdb.user:a", "{\"name\":\"a\",\"password\":\"SECRET\"}"),
    ]

    /// The bodies are filled in before their length is known: it says the length of the filled text.
    private static func publisher(_ method: String, _ path: String, _ body: String) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: plugins.acme.example\r\n"
            + "Authorization: Bearer PUBLISHER\r\nContent-Length: LENGTH\r\n\r\n\(body)"
    }

    private static func get(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: plugins.acme.example\r\n\(headers)\r\n"
    }

    private static func post(_ path: String, _ body: String, _ headers: String = "") -> String {
        """
        POST \(path) HTTP/1.1\r\nHost: plugins.acme.example\r\nContent-Type: application/json\r\n\
        \(headers)Content-Length: LENGTH\r\n\r\n\(body)
        """
    }

    private static let requests = 10_000
    private static let talkers = 4

    @Test(.timeLimit(.minutes(20))) func everyRequestIsAnswered() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token.reveal()
            let accessKey = try await gateway.vendor.rotateAccessKey(
                ofLicense: license.id, by: gateway.test.actor)
            let bytes = Array("{\"fuzzed\":true}".utf8)
            _ = try await gateway.keep(bytes, as: "fuzzed.json")
            let hash = Digest.of(.sha512, bytes).hex
            let publisher = try await gateway.vendor.makePublishToken(
                named: "ci", for: ["@acme/y"], lifetime: nil, by: gateway.test.actor
            ).token.reveal()
            let tarball = try #require(
                try readFile(TestPackage("@acme/y", "1.0.0").pack(in: gateway.test.folder)))
            let document = PublishRoutesTests.Document(name: "@acme/y")
            let values = [
                ("TOKEN", token), ("HASH", hash), ("PUBLISHER", publisher),
                ("KEY", accessKey.id), ("SECRET", accessKey.secret.reveal()),
                (
                    "DOCUMENT",
                    String(decoding: try document.json(tarball).compactBytes, as: UTF8.self)
                ),
            ]
            let bases = Self.bases.map { Self.filled($0, values) }
            let before = try await gateway.snapshot()
            var statuses: [Int: Int] = [:]
            try await withThrowingTaskGroup(of: Talk.self) { group in
                for talker in 0..<Self.talkers {
                    group.addTask { [port = gateway.port] in
                        try await onOwnThread {
                            try Self.talk(
                                to: port, bases, seed: UInt64(talker) + 2026,
                                Self.requests / Self.talkers)
                        }
                    }
                }
                for try await talk in group {
                    #expect(talk.faults.isEmpty, "\(talk.faults.prefix(5))")
                    statuses.merge(talk.statuses) { $0 + $1 }
                }
            }
            // The requests were broken in enough ways to reach everything that refuses.
            for status in [200, 201, 206, 400, 401, 404, 405, 409, 414, 431, 501, 505] {
                #expect(statuses[status, default: 0] > 0, "\(status) in \(statuses)")
            }
            #expect(try await gateway.send("GET", "/readyz").status == 200)
            #expect(try await gateway.snapshot() == before)
            try await gateway.expectWholeReleases()
            #expect(!gateway.logs.text.contains("\"status\":\"500\""))
        }
    }

    private static func filled(_ base: String, _ values: [(String, String)]) -> String {
        let text = values.reduce(base) { $0.replacing($1.0, with: $1.1) }
        guard let head = text.firstRange(of: "\r\n\r\n") else { return text }
        return text.replacing("LENGTH", with: "\(text[head.upperBound...].utf8.count)")
    }

    /// What came of the requests of one talker.
    private struct Talk: Sendable {
        var faults: [String] = []
        var statuses: [Int: Int] = [:]
    }

    /// Sends so many requests, each on a connection of its own.
    private static func talk(
        to port: UInt16, _ bases: [String], seed: UInt64, _ count: Int
    ) throws -> Talk {
        var random = SeededGenerator(seed: seed)
        var talk = Talk()
        for number in 0..<count {
            guard let base = bases.randomElement(using: &random) else { break }
            let request = MutatedRequest(base, bases, using: &random)
            let connection = try RawConnection(port)
            connection.send(request.bytes)
            connection.endSending()
            var answer: [UInt8] = []
            while let more = connection.receive(), !more.isEmpty { answer += more }
            connection.close()
            for status in statuses(in: answer) { talk.statuses[status, default: 0] += 1 }
            if let fault = fault(in: answer) {
                let sent = String(decoding: request.bytes.prefix(300), as: UTF8.self)
                talk.faults.append("\(seed)/\(number): \(fault) for \(quoted(sent))")
            }
        }
        return talk
    }

    private static func statuses(in bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).split(separator: "HTTP/1.1 ")
            .compactMap { Int($0.prefix(3)) }
    }

    /// What is wrong with the answers on one connection, or nil.
    private static func fault(in bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.isEmpty || text.hasPrefix("HTTP/1.1 ") else {
            return "no answer: \(text.prefix(99))"
        }
        for answer in text.split(separator: "HTTP/1.1 ") {
            // A detail may name the version, too.
            guard let status = Int(answer.prefix(3)), status >= 400 else { continue }
            if status >= 500, status != 501, status != 505 { return "status \(status)" }
            // The page for people says it in HTML.
            guard
                answer.contains("Content-Type: application/problem+json\r\n")
                    || answer.contains("Content-Type: text/html")
            else {
                return "no problem document: \(answer.prefix(99))"
            }
            guard answer.contains("X-Request-ID: ") else { return "no request ID" }
        }
        return nil
    }
}

/// The records that no broken request may change.
private struct Snapshot: Equatable {
    let licenses: [String]
    let installations: [String]
    let files: [String]
}

extension TestGateway {
    fileprivate func snapshot() async throws -> Snapshot {
        Snapshot(
            licenses: try await vendor.records.licenses.all().map { "\($0)" },
            installations: try await vendor.records.installations.all().map { "\($0)" },
            files: try await vendor.records.signedFiles.current().map { "\($0)" })
    }

    /// What was published is there as it was signed, and nothing was left half done.
    fileprivate func expectWholeReleases() async throws {
        for name in try await vendor.records.releases.plugins() {
            for record in try await vendor.records.releases.releases(of: name) {
                let bytes = try readFile(vendor.artifacts.path(of: record.release.sha512))
                #expect(bytes.map { Digest.of(.sha512, $0) } == record.release.sha512)
            }
        }
        #expect(try namesInFolder(vendor.artifacts.root.appending("incoming")).isEmpty)
        #expect(try await !vendor.signMetadata(.everything))
    }
}
