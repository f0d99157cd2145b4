import Diagnostics
import HTTPTransfer
import TestSupport
import Testing

@Suite struct CancellationTests {
    private static let hold: ScriptedServer.Script = { _ in [.holdUntilClientCloses] }

    @Test func cancellingTheTaskEndsItsTransfer() async throws {
        try await withScriptedServer(Self.hold) { server in
            try await withClient { client in
                let task = Task { await client.failure(HTTPRequest("GET", server.url())) }
                await server.waitForRequests(1)
                task.cancel()
                #expect(await task.value?.code == .networkCancelled)
            }
        }
    }

    @Test func cancellingReachesATransferThatWaitsForItsTurn() async throws {
        try await withScriptedServer(Self.hold) { server in
            let configuration = HTTPClientConfiguration.forTests {
                $0.maximumConcurrentTransfers = 1
            }
            try await withClient(configuration) { client in
                let first = Task { await client.failure(HTTPRequest("GET", server.url())) }
                await server.waitForRequests(1)
                let second = Task { await client.failure(HTTPRequest("GET", server.url())) }
                second.cancel()
                #expect(await second.value?.code == .networkCancelled)
                first.cancel()
                #expect(await first.value?.code == .networkCancelled)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func cancellingEndsTheWaitForTheNextTry() async throws {
        try await withScriptedServer { _ in
            [.response(503)]
        } _: { server in
            let configuration = HTTPClientConfiguration.forTests {
                $0.retry.sleep = { _ in throw CancellationError() }
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(HTTPRequest("GET", server.url()))
                #expect(failure?.code == .networkCancelled)
            }
        }
    }

    @Test func shuttingDownFailsWhatIsPending() async throws {
        try await withScriptedServer(Self.hold) { server in
            let client = try HTTPClient(.forTests { $0.maximumConcurrentTransfers = 2 })
            let tasks = (0..<3).map { _ in
                Task { await client.failure(HTTPRequest("GET", server.url())) }
            }
            await server.waitForRequests(2)
            await client.shutDown()
            for task in tasks { #expect(await task.value?.code == .networkCancelled) }
            #expect(
                await client.failure(HTTPRequest("GET", server.url()))?.code == .networkCancelled)
            await client.shutDown()
        }
    }

    /// Requests come and go from many tasks while half of them are cancelled.
    @Test func survivesACrowd() async throws {
        try await withScriptedServer { request in
            request.target == "/hold" ? [.holdUntilClientCloses] : [.response(200, body: [7])]
        } _: { server in
            try await withClient { client in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let isHeld = number % 2 == 0
                            let task = Task {
                                await client.failure(
                                    HTTPRequest("GET", server.url(isHeld ? "/hold" : "/")))
                            }
                            if isHeld { task.cancel() }
                            #expect(await task.value?.code == (isHeld ? .networkCancelled : nil))
                        }
                    }
                }
            }
        }
    }
}
