import Diagnostics
import HTTPTransfer
import Synchronization
import TestSupport
import Testing

@Suite struct DownloadTests {
    typealias Step = ScriptedServer.Step

    /// Serves a file with Range and If-Range, cutting the connection of the first answers.
    static func file(
        _ file: [UInt8], etag: String? = "\"v1\"", cuts: [Int] = []
    ) -> ScriptedServer.Script {
        { request in
            var headers = etag.map { [("ETag", $0)] } ?? []
            var status = 200
            var rest = file[...]
            let range = request.header("Range")?.dropFirst(6).dropLast()
            let condition = request.header("If-Range")
            if let range, let start = Int(range), condition == nil || condition == etag {
                guard start < file.count else {
                    return [.response(416, [("Content-Range", "bytes */\(file.count)")])]
                }
                status = 206
                rest = file[start...]
                headers.append(("Content-Range", "bytes \(start)-\(file.count - 1)/\(file.count)"))
            }
            let head = Step.head(status, headers, length: rest.count)
            guard request.number < cuts.count else { return [.send(head + rest)] }
            return [.send(head + rest.prefix(cuts[request.number])), .close]
        }
    }

    @Test func deliversAFile() async throws {
        let file = pattern(300_000)
        try await withScriptedServer(Self.file(file)) { server in
            try await withClient { client in
                let sink = RecordingSink()
                let outcome = try await client.download(
                    DownloadRequest(server.url(), maximumBytes: 300_000, bypassCaches: true),
                    to: sink)
                #expect(sink.bytes == file)
                #expect(sink.begins == [0])
                #expect(outcome.status == 200)
                #expect(outcome.totalBytes == 300_000)
                #expect(outcome.receivedBytes == 300_000)
            }
            let request = try #require(server.requests.first)
            #expect(request.header("Accept-Encoding") == nil)
            #expect(request.header("Range") == nil)
            #expect(request.header("Cache-Control") == "no-cache")
        }
    }

    @Test func goesOnWhereItWasCut() async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file, cuts: [100, 0, 250])) { server in
            try await withClient { client in
                let sink = RecordingSink()
                let outcome = try await client.download(
                    DownloadRequest(server.url(), maximumBytes: 1_000), to: sink)
                #expect(sink.bytes == file)
                #expect(outcome.tries == 4)
                #expect(outcome.receivedBytes == 1_000)
                #expect(sink.begins == [0, 100, 100, 350])
            }
            let ranges = server.requests.map { $0.header("Range") }
            #expect(ranges == [nil, "bytes=100-", "bytes=100-", "bytes=350-"])
            #expect(server.requests.last?.header("If-Range") == "\"v1\"")
        }
    }

    @Test(arguments: [nil, "W/\"weak\""])
    func startsAgainWithoutAStrongValidator(_ etag: String?) async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file, etag: etag, cuts: [100])) { server in
            try await withClient { client in
                let sink = RecordingSink()
                _ = try await client.download(
                    DownloadRequest(server.url(), maximumBytes: 1_000), to: sink)
                #expect(sink.bytes == file)
                #expect(sink.begins == [0, 0])
            }
        }
    }

    @Test func givesUpAfterFourCuts() async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file, cuts: [10, 10, 10, 10, 10])) { server in
            try await withClient { client in
                let sink = RecordingSink()
                let failure = await client.failure(
                    DownloadRequest(server.url(), maximumBytes: 1_000), to: sink)
                #expect(failure?.code == .networkInterrupted)
                #expect(failure?.message.contains("10 of 970 bytes") == true)
                #expect(sink.bytes == Array(file.prefix(40)))
            }
            #expect(server.requests.count == 4)
        }
    }

    @Test func resumesAcrossRuns() async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file)) { server in
            try await withClient { client in
                let sink = RecordingSink(Array(file.prefix(400)))
                let outcome = try await client.download(
                    DownloadRequest(server.url(), resumeOffset: 400, maximumBytes: 1_000),
                    to: sink)
                #expect(sink.bytes == file)
                #expect(outcome.status == 206)
                #expect(outcome.receivedBytes == 600)
            }
        }
    }

    /// The first 400 bytes of another file of the same length, and then nothing.
    private static let beginning: [Step] = [
        .send(
            Step.head(200, [("ETag", "\"v1\"")], length: 1_000)
                + [UInt8](repeating: 9, count: 400)), .close,
    ]

    @Test func restartsWhenTheFileChanged() async throws {
        let file = pattern(1_000)
        try await withScriptedServer { request in
            request.number == 0
                ? Self.beginning : Self.file(file, etag: "\"v2\"")(request)
        } _: { server in
            try await withClient { client in
                let sink = RecordingSink()
                let outcome = try await client.download(
                    DownloadRequest(server.url(), maximumBytes: 1_000), to: sink)
                #expect(outcome.status == 200)
                #expect(sink.begins == [0, 0])
                #expect(sink.bytes == file)
            }
        }
    }

    @Test func takes416AtTheEndForComplete() async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file)) { server in
            try await withClient { client in
                let sink = RecordingSink(file)
                let outcome = try await client.download(
                    DownloadRequest(server.url(), resumeOffset: 1_000, maximumBytes: 1_000),
                    to: sink)
                #expect(outcome.status == 416)
                #expect(outcome.totalBytes == 1_000)
                #expect(sink.bytes == file)
            }
        }
    }

    @Test func restartsAfter416BeyondTheEnd() async throws {
        let file = pattern(1_000)
        try await withScriptedServer(Self.file(file)) { server in
            try await withClient { client in
                let sink = RecordingSink([UInt8](repeating: 9, count: 1_200))
                let outcome = try await client.download(
                    DownloadRequest(server.url(), resumeOffset: 1_200, maximumBytes: 2_000),
                    to: sink)
                #expect(outcome.totalBytes == 1_000)
                #expect(sink.bytes == file)
            }
            #expect(server.requests.count == 2)
        }
    }

    struct WrongPart: Sendable, CustomTestStringConvertible {
        let contentRange: String?
        var etag = "\"v1\""
        var testDescription: String { "\(contentRange ?? "none") \(etag)" }
    }

    @Test(arguments: [
        WrongPart(contentRange: nil),
        WrongPart(contentRange: "bytes 399-999/1000"),
        WrongPart(contentRange: "bytes 0-999/1000"),
        WrongPart(contentRange: "bytes 400-1000/1000"),
        WrongPart(contentRange: "pages 400-999/1000"),
        WrongPart(contentRange: "bytes 400-999/1000", etag: "\"v2\""),
    ])
    func restartsOnAPartThatWasNotAsked(_ part: WrongPart) async throws {
        let file = pattern(1_000)
        try await withScriptedServer { request in
            guard request.number > 0 else { return Self.beginning }
            guard request.header("Range") != nil else { return [.response(200, body: file)] }
            var headers = [("ETag", part.etag)]
            if let range = part.contentRange { headers.append(("Content-Range", range)) }
            return [.response(206, headers, body: pattern(600))]
        } _: { server in
            try await withClient { client in
                let sink = RecordingSink()
                let outcome = try await client.download(
                    DownloadRequest(server.url(), maximumBytes: 1_000), to: sink)
                #expect(sink.begins == [0, 0])
                #expect(sink.bytes == file)
                #expect(outcome.totalBytes == 1_000)
            }
            #expect(server.requests.count == 3)
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: [Step]
        let code: FailureCode
        /// The most that the sink may have been given.
        var atMost = 0
        var testDescription: String { name }
    }

    static let bad: [Bad] = [
        Bad(
            name: "one byte too many announced", steps: [.response(200, body: pattern(1_001))],
            code: .networkTooLarge),
        Bad(
            name: "endless", steps: [.text("HTTP/1.1 200 OK\r\n\r\n"), .sendForever(pattern(77))],
            code: .networkTooLarge, atMost: 1_000),
        Bad(
            name: "endless, byte by byte",
            steps: [.text("HTTP/1.1 200 OK\r\n\r\n"), .drip(pattern(1_001)), .close],
            code: .networkTooLarge, atMost: 1_000),
        Bad(
            name: "length too large",
            steps: [.response(200, [("Content-Length", "1000")], body: pattern(900)), .close],
            code: .networkInterrupted, atMost: 900),
        Bad(
            name: "length too small",
            steps: [.response(200, [("Content-Length", "900")], body: pattern(1_000)), .close],
            code: .networkInterrupted, atMost: 900),
        Bad(
            name: "short without a length",
            steps: [.text("HTTP/1.1 200 OK\r\n\r\n"), .send(pattern(999)), .close],
            code: .networkInterrupted, atMost: 999),
        Bad(
            name: "web page",
            steps: [.response(200, [("Content-Type", "text/html")], body: pattern(1_000))],
            code: .networkNotWhatWasAsked),
        Bad(
            name: "part that was not asked for",
            steps: [.response(206, [("Content-Range", "bytes 0-999/1000")], body: pattern(1_000))],
            code: .networkNotWhatWasAsked),
        Bad(name: "204", steps: [.response(204)], code: .networkHTTPStatus),
        Bad(name: "403", steps: [.response(403, body: pattern(10))], code: .networkHTTPStatus),
        Bad(name: "416 of the whole", steps: [.response(416)], code: .networkHTTPStatus),
    ]

    @Test(arguments: bad)
    func refuses(_ bad: Bad) async throws {
        try await withScriptedServer { _ in
            bad.steps
        } _: { server in
            try await withClient { client in
                let sink = RecordingSink()
                let failure = await client.failure(
                    DownloadRequest(server.url(), maximumBytes: 1_000, expectedBytes: 1_000),
                    to: sink)
                #expect(failure?.code == bad.code)
                #expect(sink.bytes.count <= bad.atMost)
                #expect(
                    sink.bytes == Array(pattern(1_000).prefix(sink.bytes.count))
                        || bad.name == "endless")
            }
        }
    }

    @Test func keepsTheSinksOwnCode() async throws {
        struct DiskIsFull: Failure {
            let code = FailureCode.usage
            let message = "no space"
        }
        try await withScriptedServer(Self.file(pattern(100))) { server in
            try await withClient { client in
                let failure = await client.failure(
                    DownloadRequest(server.url(), maximumBytes: 1_000),
                    to: RecordingSink(failingWith: DiskIsFull()))
                #expect(failure?.code == .usage)
                #expect(failure?.cause is DiskIsFull)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func runsNoMoreAtOnceThanAllowed() async throws {
        let started = Mutex(0)
        let most = Mutex(0)
        try await withScriptedServer { _ in
            let now = started.withLock { count in
                count += 1
                return count
            }
            most.withLock { $0 = max($0, now) }
            return [
                .perform { started.withLock { $0 -= 1 } }, .response(200, body: pattern(2_000)),
            ]
        } _: { server in
            let configuration = HTTPClientConfiguration.forTests {
                $0.maximumConcurrentTransfers = 2
            }
            try await withClient(configuration) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<12 {
                        group.addTask {
                            let sink = RecordingSink()
                            _ = try await client.download(
                                DownloadRequest(server.url(), maximumBytes: 2_000), to: sink)
                            #expect(sink.bytes == pattern(2_000))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(server.requests.count == 12)
            #expect(server.connectionCount <= 2)
            #expect(most.withLock { $0 } <= 2)
        }
    }
}
