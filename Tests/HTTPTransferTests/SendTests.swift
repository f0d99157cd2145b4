import Diagnostics
import HTTPTransfer
import TestSupport
import Testing

@Suite struct SendTests {
    @Test func returnsTheWholeAnswer() async throws {
        try await withScriptedServer { _ in
            [
                .response(
                    200, [("X-Request-ID", "01JD"), ("Content-Type", "application/json")],
                    body: Array("{}".utf8))
            ]
        } _: { server in
            try await withClient { client in
                let response = try await client.send(
                    HTTPRequest(
                        "POST", server.url("/a?b=c"), headers: [HTTPHeader("Accept", "x/y")],
                        authorization: Secret("Bearer t"), body: Array("hello".utf8)))
                #expect(response.status == 200)
                #expect(response.body == Array("{}".utf8))
                #expect(response.requestID == "01JD")
                #expect(response.header("content-TYPE") == "application/json")
                #expect(response.tries == 1)
            }
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.target == "/a?b=c")
            #expect(request.body == Array("hello".utf8))
            #expect(request.header("Authorization") == "Bearer t")
            #expect(request.header("User-Agent") == "pkg/0.0.0-test")
            #expect(request.header("Accept") == "x/y")
            #expect(request.header("Accept-Encoding") == "gzip")
            #expect(request.header("Content-Type") == nil)
            #expect(request.header("X-Request-ID") == nil)
        }
    }

    @Test func reusesItsConnection() async throws {
        try await withScriptedServer { _ in
            [.response(204)]
        } _: { server in
            try await withClient { client in
                for _ in 0..<3 { _ = try await client.send(HTTPRequest("GET", server.url())) }
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func showsTheServersWordsOnAnError() async throws {
        let problem = Array(#"{"code":"license.revoked"}"#.utf8)
        try await withScriptedServer { _ in
            [
                .response(
                    403,
                    [
                        ("Content-Type", "application/problem+json; charset=utf-8"),
                        ("X-Request-ID", "01JD"),
                    ],
                    body: problem)
            ]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(
                    HTTPRequest("GET", server.url("/x?token=s3cret")))
                #expect(failure?.code == .networkHTTPStatus)
                #expect(failure?.status == 403)
                #expect(failure?.body == problem)
                #expect(failure?.contentType == "application/problem+json")
                #expect(failure?.requestID == "01JD")
                #expect(failure?.message.contains("01JD") == true)
                #expect(failure?.description.contains("s3cret") == false)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func keepsAtMost64KiBOfAnErrorsBody() async throws {
        try await withScriptedServer { _ in
            [.text("HTTP/1.1 404 No\r\n\r\n"), .sendForever(pattern(10_000))]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkHTTPStatus)
                #expect(failure?.body.count == 65_536)
            }
        }
    }

    @Test func returnsAcceptedStatuses() async throws {
        try await withScriptedServer { _ in
            [.response(304)]
        } _: { server in
            try await withClient { client in
                let response = try await client.send(
                    HTTPRequest("GET", server.url(), acceptedStatuses: [304, 404]))
                #expect(response.status == 304)
            }
        }
    }

    @Test func hidesARequestIDThatIsNotPlain() async throws {
        try await withScriptedServer { _ in
            [.response(404, [("X-Request-ID", "\u{1b}[2Jevil")])]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkHTTPStatus)
                #expect(failure?.requestID == nil)
            }
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: [ScriptedServer.Step]
        let code: FailureCode
        var tries = 1
        var testDescription: String { name }
    }

    static let bad: [Bad] = [
        Bad(
            name: "announces too much", steps: [.response(200, [("Content-Length", "101")])],
            code: .networkTooLarge),
        Bad(
            name: "endless", steps: [.text("HTTP/1.1 200 OK\r\n\r\n"), .sendForever(pattern(50))],
            code: .networkTooLarge),
        Bad(
            name: "endless head",
            steps: [
                .text("HTTP/1.1 200 OK\r\n"), .sendForever(Array("A: bbbbbbbbbbbbbbb\r\n".utf8)),
            ],
            code: .networkTooLarge),
        Bad(
            name: "HTML", steps: [.response(200, [("Content-Type", "Text/HTML; charset=x")])],
            code: .networkNotWhatWasAsked),
        Bad(
            name: "HTML without its type",
            steps: [.response(200, body: Array(" \n<!DOCTYPE html>".utf8))],
            code: .networkNotWhatWasAsked),
        Bad(name: "login required", steps: [.response(511)], code: .networkNotWhatWasAsked),
        Bad(
            name: "not HTTP", steps: [.text("220 mail.example ESMTP\r\n"), .close],
            code: .networkNotWhatWasAsked),
        Bad(
            name: "cut in the body",
            steps: [.send(ScriptedServer.Step.head(200, length: 50) + pattern(49)), .close],
            code: .networkInterrupted, tries: 4),
        Bad(
            name: "cut in a chunk",
            steps: [
                .text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"), .close,
            ],
            code: .networkInterrupted, tries: 4),
        Bad(name: "no answer", steps: [.close], code: .networkInterrupted, tries: 4),
        Bad(name: "reset", steps: [.reset], code: .networkInterrupted, tries: 4),
    ]

    @Test(arguments: bad)
    func refuses(_ bad: Bad) async throws {
        try await withScriptedServer { _ in
            bad.steps
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(
                    HTTPRequest("GET", server.url(), maximumBodyBytes: 100))
                #expect(failure?.code == bad.code)
                #expect(failure?.tries == bad.tries)
            }
        }
    }

    /// A gzip bomb: 100 bytes that grow to 100,000.
    @Test func capsTheDecompressedBody() async throws {
        let bomb = try #require(gzipOfZeros)
        try await withScriptedServer { _ in
            [.response(200, [("Content-Encoding", "gzip")], body: bomb)]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(
                    HTTPRequest("GET", server.url(), maximumBodyBytes: 1_000))
                #expect(failure?.code == .networkTooLarge)
                let response = try await client.send(
                    HTTPRequest("GET", server.url(), maximumBodyBytes: 100_000))
                #expect(response.body == [UInt8](repeating: 0, count: 100_000))
            }
        }
    }

    @Test(arguments: [
        "", "ftp://h/", "https://", "/path", "http://h:99999/", "https://a b/", "http://h/\0",
    ])
    func refusesAddress(_ url: String) async throws {
        try await withClient { client in
            let failure = await client.failure(HTTPRequest("GET", url))
            #expect(failure?.code == .networkURLInvalid)
        }
    }

    @Test(arguments: [HTTPHeader("A", "b\r\nC: d"), HTTPHeader("A\r\nB", "c"), HTTPHeader("", "x")])
    func refusesHeader(_ header: HTTPHeader) async throws {
        try await withClient { client in
            let failure = await client.failure(
                HTTPRequest("GET", "http://127.0.0.1:1/", headers: [header]))
            #expect(failure?.code == .networkRequestInvalid)
        }
    }

    @Test func namesARefusedConnection() async throws {
        let refusing = try RefusingPort()
        let port = refusing.port
        try await withClient { client in
            let failure = await client.failure(HTTPRequest("GET", "http://127.0.0.1:\(port)/"))
            #expect(failure?.code == .networkRefused)
            #expect(failure?.tries == 4)
            #expect(failure?.message.contains("127.0.0.1:\(port)") == true)
        }
    }

    @Test func namesAHostThatDoesNotExist() async throws {
        try await withClient { client in
            let failure = await client.failure(HTTPRequest("GET", "http://gateway.invalid/"))
            #expect(failure?.code == .networkDNS)
            #expect(failure?.message.contains("gateway.invalid") == true)
        }
    }

    @Test func sendsTheURLsPasswordAndNeverPrintsIt() async throws {
        try await withScriptedServer { _ in
            [.response(404)]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(
                    HTTPRequest("GET", "http://user:pa55@127.0.0.1:\(server.port)/"))
                #expect(failure?.description.contains("pa55") == false)
            }
            #expect(server.requests.first?.header("Authorization") == "Basic dXNlcjpwYTU1")
        }
    }
}

/// 100,000 zero bytes, compressed.
private let gzipOfZeros: [UInt8]? = {
    let hex =
        "1f8b0800000000000203edc13101000000c2a0f54f6d0d0fa0000000000000000000000000000000"
        + "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
        + "008057037d9511d4a0860100"
    let digits = Array(hex.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    return bytes.count * 2 == digits.count ? bytes : nil
}()
