import Diagnostics
import HTTPTransfer
import TestSupport
import Testing

@Suite struct RetryTests {
    @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
    func triesFourTimes(_ status: Int) async throws {
        let log = WaitLog()
        try await withScriptedServer { _ in
            [.response(status)]
        } _: { server in
            try await withClient(.forTests(log)) { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkHTTPStatus)
                #expect(failure?.status == status)
                #expect(failure?.tries == 4)
            }
            #expect(server.requests.count == 4)
        }
        #expect(log.durations == [.milliseconds(375), .milliseconds(750), .milliseconds(1_500)])
    }

    @Test(arguments: [400, 401, 403, 404, 409, 410, 451])
    func doesNotTryAgain(_ status: Int) async throws {
        try await withScriptedServer { _ in
            [.response(status)]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.status == status)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func succeedsOnceTheServerDoes() async throws {
        try await withScriptedServer { request in
            switch request.number {
            case 0: [.reset]
            case 1: [.response(503)]
            case 2: [.send(ScriptedServer.Step.head(200, length: 9)), .close]
            default: [.response(200, body: [1])]
            }
        } _: { server in
            try await withClient { client in
                let response = try await client.send(HTTPRequest("GET", server.url()))
                #expect(response.body == [1])
                #expect(response.tries == 4)
            }
        }
    }

    struct Asked: Sendable {
        let retryAfter: String
        /// What is waited; nil: the request ends at once.
        let wait: Duration?
    }

    @Test(arguments: [
        Asked(retryAfter: "7", wait: .seconds(7)),
        Asked(retryAfter: "0", wait: .milliseconds(375)),
        Asked(retryAfter: "120", wait: .seconds(120)),
        Asked(retryAfter: "121", wait: nil),
        Asked(retryAfter: "99999999999999999999999", wait: nil),
        Asked(retryAfter: "Sat, 21 Nov 2026 10:00:30 GMT", wait: .seconds(30)),
        Asked(retryAfter: "Sat, 21 Nov 2026 09:00:00 GMT", wait: .milliseconds(375)),
        Asked(retryAfter: "Sun, 22 Nov 2026 10:00:00 GMT", wait: nil),
        Asked(retryAfter: "soon", wait: .milliseconds(375)),
        Asked(retryAfter: "-5", wait: .milliseconds(375)),
    ])
    func honoursRetryAfter(_ asked: Asked) async throws {
        let log = WaitLog()
        try await withScriptedServer { request in
            request.number == 0
                ? [.response(429, [("Retry-After", asked.retryAfter)])] : [.response(204)]
        } _: { server in
            try await withClient(.forTests(log)) { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.status == (asked.wait == nil ? 429 : nil))
                #expect(
                    failure?.message.contains("asks to wait") == (asked.wait == nil ? true : nil))
            }
        }
        #expect(log.durations == (asked.wait.map { [$0] } ?? []))
    }

    @Test func repeatsAPostOnlyWhenTheServerCannotHaveActed() async throws {
        for (status, tries) in [(500, 1), (502, 1), (503, 4), (429, 4)] {
            try await withScriptedServer { _ in
                [.response(status)]
            } _: { server in
                try await withClient { client in
                    let failure = await client.failure(HTTPRequest("POST", server.url(), body: [1]))
                    #expect(failure?.tries == tries)
                }
                #expect(server.requests.count == tries)
            }
        }
        try await withScriptedServer { _ in
            [.response(500)]
        } _: { server in
            try await withClient { client in
                let failure = await client.failure(
                    HTTPRequest("POST", server.url(), body: [1], isRepeatable: true))
                #expect(failure?.tries == 4)
            }
        }
    }

    @Test func doesNotWaitBeyondTheDeadline() async throws {
        let log = WaitLog()
        try await withScriptedServer { _ in
            [.response(503, [("Retry-After", "10000")])]
        } _: { server in
            let configuration = HTTPClientConfiguration.forTests(log) {
                $0.retry.maximumRetryAfter = .seconds(10_000)
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(
                    HTTPRequest("GET", server.url(), deadline: .now + .seconds(3_600)))
                #expect(failure?.status == 503)
            }
        }
        #expect(log.durations == [])
    }

    @Test func endsAtTheDeadline() async throws {
        try await withScriptedServer { _ in
            [.send(ScriptedServer.Step.head(200, length: 9) + [1, 2]), .holdUntilClientCloses]
        } _: { server in
            try await withClient { client in
                let sink = RecordingSink()
                let failure = await client.failure(
                    DownloadRequest(
                        server.url(), maximumBytes: 9, deadline: .now + .seconds(3)),
                    to: sink)
                #expect(failure?.code == .networkTimeout)
                #expect(failure?.message.contains("2 bytes") == true)
                #expect(failure?.tries == 1)
                let late = await client.failure(
                    HTTPRequest("GET", server.url(), deadline: .now - .seconds(1)))
                #expect(late?.code == .networkTimeout)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func givesUpATransferThatIsTooSlow() async throws {
        try await withScriptedServer { _ in
            [.send(ScriptedServer.Step.head(200, length: 9) + [1, 2]), .holdUntilClientCloses]
        } _: { server in
            let configuration = HTTPClientConfiguration.forTests {
                $0.lowSpeed = .init(bytesPerSecond: 1_000, seconds: 3)
                $0.retry.maximumTries = 1
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkSlow)
                #expect(failure?.message.contains("2 of 9 bytes") == true)
            }
        }
    }
}
