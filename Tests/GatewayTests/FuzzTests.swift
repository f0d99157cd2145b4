import CanonicalJSON
import Cryptography
import Diagnostics
import Glibc
import HTTPTransfer
import Storage
import TestSupport
import Testing

@testable import Gateway

/// Ten thousand requests that are broken in every way: each gets an answer or a closed connection, and
/// the gateway stands as before.
struct FuzzTests {
    /// The requests that are broken; every address of the gateway belongs here.
    ///
    /// TOKEN stands for a valid license token, HASH for the SHA-512 of a file that exists.
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
    ]

    private static func get(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: plugins.acme.example\r\n\(headers)\r\n"
    }

    private static func post(_ path: String, _ body: String, _ headers: String = "") -> String {
        """
        POST \(path) HTTP/1.1\r\nHost: plugins.acme.example\r\nContent-Type: application/json\r\n\
        \(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)
        """
    }

    private static let requests = 10_000
    private static let talkers = 4

    @Test(.timeLimit(.minutes(5))) func everyRequestIsAnswered() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token.reveal()
            let bytes = Array("{\"fuzzed\":true}".utf8)
            _ = try await gateway.keep(bytes, as: "fuzzed.json")
            let hash = Digest.of(.sha512, bytes).hex
            let bases = Self.bases.map {
                $0.replacing("TOKEN", with: token).replacing("HASH", with: hash)
            }
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
            for status in [200, 206, 304, 400, 401, 404, 405, 414, 416, 431, 501, 505] {
                #expect(statuses[status, default: 0] > 0, "\(status) in \(statuses)")
            }
            #expect(try await gateway.send("GET", "/readyz").status == 200)
            #expect(try await gateway.snapshot() == before)
            #expect(!gateway.logs.text.contains("\"status\":\"500\""))
        }
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
            guard answer.contains("Content-Type: application/problem+json\r\n") else {
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
}
