import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Glibc
import NIOCore
import Storage
import Testing

@testable import Gateway

/// What the gateway does with connections: what cannot be parsed, what takes too long, what is too much.
struct ConnectionTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let bytes: String
        let status: Int
        let code: String

        init(_ name: String, _ bytes: String, _ status: Int, _ code: String) {
            testDescription = name
            self.bytes = bytes
            self.status = status
            self.code = code
        }
    }

    private static let malformed = "gateway.request-malformed"
    private static let tooLarge = "gateway.request-too-large"

    private static let usual = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

    static let refused = [
        Case("no request", "nonsense\r\n\r\n", 400, malformed),
        Case("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n", 400, malformed),
        Case("a later version", "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n", 505, malformed),
        Case("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, malformed),
        Case("no host", "GET /healthz HTTP/1.1\r\n\r\n", 400, malformed),
        Case("two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, malformed),
        Case(
            "a long target",
            "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n"
                + "Host: x\r\n\r\n", 414, tooLarge),
        Case("an endless target", "GET /\(String(repeating: "a", count: 40_000))", 414, tooLarge),
        Case(
            "a long header",
            "GET /healthz HTTP/1.1\r\nHost: x\r\nA: "
                + "\(String(repeating: "a", count: 20_000))\r\n\r\n", 431, tooLarge),
        Case(
            "many headers",
            "GET /healthz HTTP/1.1\r\nHost: x\r\n"
                + (0..<200).map { "A\($0): b\r\n" }.joined() + "\r\n", 431, tooLarge),
        Case(
            "two lengths",
            "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                + "Content-Length: 2\r\n\r\nab", 400, malformed),
        Case(
            "a length and chunks",
            "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, malformed),
        Case(
            "another coding",
            "POST /healthz HTTP/1.1\r\nHost: x\r\n"
                + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, malformed),
        Case(
            "a bad chunk",
            "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\n"
                + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, malformed),
    ]

    @Test(arguments: refused) func whatIsNoRequestIsToldWhy(_ given: Case) async throws {
        try await TestGateway.run { gateway in
            let (answer, isClosed) = try await gateway.raw { connection in
                connection.send(given.bytes)
                return (connection.answer(), connection.isClosed())
            }
            #expect(answer?.status == given.status)
            #expect(answer?.code == given.code)
            #expect(answer?.headers["connection"] == "close")
            let id = try #require(answer?.headers["x-request-id"])
            #expect(isClosed)
            _ = await gateway.logs.line(with: id)
        }
    }

    @Test func aRequestThatEndsTooEarlyIsToldSo() async throws {
        try await TestGateway.run { gateway in
            for bytes in [
                "GET /heal",
                "POST /api/v1/on-premise/agent HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
            ] {
                let answer = try await gateway.raw { connection in
                    connection.send(bytes)
                    connection.endSending()
                    return connection.answer()
                }
                #expect(answer?.status == 400)
                #expect(answer?.code == Self.malformed)
            }
        }
    }

    @Test func requestsInARowAreAnsweredInTheirOrder() async throws {
        try await TestGateway.run { gateway in
            let statuses = try await gateway.raw { connection in
                let one = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                let other = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                connection.send(one + other + one + "bad\r\n\r\n")
                connection.endSending()
                var bytes: [UInt8] = []
                while let more = connection.receive(), !more.isEmpty { bytes += more }
                return String(decoding: bytes, as: UTF8.self).split(separator: "HTTP/1.1 ")
                    .map { $0.prefix(3) }.filter { Int($0) != nil }.joined(separator: " ")
            }
            #expect(statuses == "200 404 200 400")
        }
    }

    @Test func nothingBehindTheLastAnswerIsDone() async throws {
        try await TestGateway.run { gateway in
            let (answer, isClosed) = try await gateway.raw { connection in
                connection.send(
                    "GET /healthz HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\n\r\n"
                        + "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-ID: behind-last-1\r\n\r\n")
                return (connection.answer(), connection.isClosed())
            }
            #expect(answer?.headers["connection"] == "close")
            #expect(isClosed)
            #expect(try await gateway.raw(Self.usual)?.status == 200)
            #expect(!gateway.logs.text.contains("behind-last-1"))
        }
    }

    @Test func anOldClientIsServed() async throws {
        try await TestGateway.run { gateway in
            let (kept, closed) = try await gateway.raw { connection in
                connection.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let kept = connection.answer()
                connection.send("GET /healthz HTTP/1.0\r\n\r\n")
                return (kept, (connection.answer(), connection.isClosed()))
            }
            #expect(kept?.headers["connection"] == "keep-alive")
            #expect(closed.0?.headers["connection"] == "close")
            #expect(closed.1)
        }
    }

    // MARK: Deadlines

    @Test func aHeadThatDripsIsCutOff() async throws {
        var limits = ConnectionLimits()
        limits.head = .milliseconds(50)
        try await TestGateway.run(limits: limits) { gateway in
            let answer = try await gateway.raw("GET /healthz HTTP/1.1\r\nHo")
            #expect(answer?.status == 408)
            #expect(answer?.code == "gateway.request-timeout")
        }
    }

    @Test func whoSaysNothingIsClosedWithoutAWord() async throws {
        var limits = ConnectionLimits()
        limits.head = .milliseconds(50)
        limits.idle = .milliseconds(50)
        try await TestGateway.run(limits: limits) { gateway in
            #expect(try await gateway.raw { $0.receive() } == [])
            let end = try await gateway.raw { connection in
                connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = connection.answer()
                return connection.receive()
            }
            #expect(end == [])
        }
    }

    @Test func whoTakesNothingOfAnAnswerIsClosed() async throws {
        var limits = ConnectionLimits()
        limits.stalledResponse = .milliseconds(50)
        try await TestGateway.run(limits: limits) { gateway in
            let path = try await gateway.keep([UInt8](repeating: 0x20, count: 32 << 20))
            let line = try await gateway.raw { connection in
                connection.send(
                    "GET \(path) HTTP/1.1\r\nHost: x\r\nX-Request-ID: stalled-1\r\n\r\n")
                return connection.receive(1)
            }
            #expect(line?.count == 1)
            let logged = await gateway.logs.line(with: "stalled-1")
            #expect(!logged.contains("\"bytes\":\"\(32 << 20)\""), "\(logged)")
        }
    }

    @Test func whoAsksAgainAndTakesNothingIsClosedToo() async throws {
        var limits = ConnectionLimits()
        limits.stalledResponse = .seconds(2)
        limits.idle = .milliseconds(100)
        limits.head = .seconds(6)
        try await TestGateway.run(limits: limits) { gateway in
            let path = try await gateway.keep([UInt8](repeating: 0x20, count: 32 << 20))
            let port = gateway.port
            let received = try await gateway.raw { connection in
                connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
                var count = connection.receive(1)?.count ?? 0
                // The gateway's own clock, which closes others, tells that the answer is stuck now …
                let idle = try RawConnection(port)
                defer { idle.close() }
                idle.send(Self.usual)
                #expect(idle.isClosed())
                connection.send(Self.usual)
                // … and that it was so for long enough.
                let silent = try RawConnection(port)
                defer { silent.close() }
                #expect(silent.isClosed())
                while let more = connection.receive(), !more.isEmpty, count < 32 << 20 {
                    count += more.count
                }
                return count
            }
            #expect(received < 32 << 20)
        }
    }

    // MARK: Counts

    @Test func oneAddressHasSoManyConnections() async throws {
        var limits = ConnectionLimits()
        limits.connectionsPerAddress = 2
        try await TestGateway.run(limits: limits) { gateway in
            let port = gateway.port
            let answer = try await onOwnThread {
                let held = try (0..<2).map { _ in try RawConnection(port) }
                for connection in held {
                    connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = connection.answer()
                }
                let third = try RawConnection(port)
                defer { for connection in held { connection.close() } }
                return third.answer()
            }
            #expect(answer?.status == 429)
            #expect(answer?.code == "gateway.too-many-connections")
            #expect(answer?.headers["retry-after"] == "5")
        }
    }

    @Test func thereAreSoManyConnectionsInAll() async throws {
        var limits = ConnectionLimits()
        limits.connections = 1
        try await TestGateway.run(limits: limits) { gateway in
            let port = gateway.port
            let answer = try await onOwnThread {
                let held = try RawConnection(port)
                held.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = held.answer()
                defer { held.close() }
                return try RawConnection(port).answer()
            }
            #expect(answer?.status == 503)
            #expect(answer?.code == "gateway.too-many-connections")
        }
    }
}

extension TestGateway {
    /// Keeps bytes as a signed file, and returns the address that serves them.
    func keep(_ bytes: [UInt8], as name: String = "large.json") async throws -> String {
        let sha512 = try await onBlockingThread { [vendor] in try vendor.artifacts.keep(bytes) }
        try await vendor.records.signedFiles.put(
            SignedFileRecord(path: name, sha512: sha512, length: Int64(bytes.count)), at: Date())
        return "/targets/\(sha512.hex).\(name)"
    }
}
