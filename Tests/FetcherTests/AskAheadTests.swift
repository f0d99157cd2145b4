import Diagnostics
import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Fetcher

/// A file of the metadata that is asked for side by side with what comes before it.
@Suite(.enabled(if: NginxServer.programs.isThere)) struct AskAheadTests {
    private static let next = "2.root.json"
    private static let file = "timestamp.json"

    /// The root is not answered before the timestamp was asked for.
    @Test func isUnderWayWhileTheRootIsLookedFor() async throws {
        let asked = DispatchSemaphore(value: 0)
        let wasAsked = Mutex(false)
        try await withGateway { request in
            guard request.target.hasSuffix(Self.next) else {
                return [.perform { asked.signal() }, .response(200, body: Array("{}".utf8))]
            }
            return [
                .perform {
                    let result = asked.wait(timeout: .now() + 10)
                    wasAsked.withLock { $0 = result == .success }
                }, .response(404),
            ]
        } _: { gateway, _ in
            gateway.askAhead(for: Self.file, maximumLength: 100)
            let root = try await gateway.fetch(Self.next, maximumLength: 100)
            let timestamp = try await gateway.fetch(Self.file, maximumLength: 100)
            #expect(root == nil)
            #expect(wasAsked.withLock { $0 })
            #expect(timestamp == Array("{}".utf8))
            #expect(gateway.costSoFar.requests == 2)
        }
    }

    @Test func isAskedForAnewBehindANewRoot() async throws {
        try await withGateway { request in
            [.response(200, body: Array("\(request.number)".utf8))]
        } _: { gateway, server in
            gateway.askAhead(for: Self.file, maximumLength: 100)
            await server.waitForRequests(1)
            let root = try await gateway.fetch(Self.next, maximumLength: 100)
            let timestamp = try await gateway.fetch(Self.file, maximumLength: 100)
            #expect(root == Array("1".utf8))
            #expect(timestamp == Array("2".utf8))
        }
    }

    @Test func endsWithTheRun() async throws {
        try await withGateway { _ in
            [.holdUntilClientCloses]
        } _: { gateway, server in
            gateway.askAhead(for: Self.file, maximumLength: 100)
            await server.waitForRequests(1)
            let run = Task { try await gateway.fetch(Self.file, maximumLength: 100) }
            run.cancel()
            let failure = await #expect(throws: (any Error).self) { try await run.value }
            #expect(failure.map { anyFailure($0).code } == .networkCancelled)
        }
    }

    private func withGateway(
        _ script: @escaping ScriptedServer.Script,
        _ body: (GatewayClient, ScriptedServer) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await withScriptedServer(script) { server in
                try await HTTP2Front.running(before: server.port) { url, caFile in
                    let settings = try Settings(
                        flags: Settings.Flags(url: url, storage: "\(folder)/storage"),
                        environment: ["TOLLGATE_CA_FILE": caFile])
                    let gateway = try GatewayClient(settings)
                    try await body(gateway, server)
                    await gateway.shutDown()
                }
            }
        }
    }
}
