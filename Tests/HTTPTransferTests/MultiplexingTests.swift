import Dispatch
import HTTPTransfer
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Requests that share a connection, with a real nginx that speaks HTTP/2.
@Suite struct MultiplexingTests {
    private static let count = 24

    /// Nobody is answered before all have asked: who waits for another's answer waits in vain.
    @Test(.enabled(if: NginxServer.programs.isThere))
    func smallRequestsDoNotWaitForEachOther() async throws {
        let missing = DispatchGroup()
        for _ in 0..<Self.count { missing.enter() }
        try await withNginx { request in
            guard request.target != "/first" else { return [.response(200)] }
            return [
                .perform {
                    missing.leave()
                    _ = missing.wait(timeout: .now() + 30)
                }, .response(200),
            ]
        } _: { client, url in
            _ = try await client.send(
                HTTPRequest("GET", "\(url)/first", expectedContent: .anything))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<Self.count {
                    group.addTask {
                        let request = HTTPRequest(
                            "GET", "\(url)/\(number)", expectedContent: .anything,
                            deadline: .now + .seconds(20))
                        return try await client.send(request).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    /// Downloads do: each takes its share of the line.
    @Test(.enabled(if: NginxServer.programs.isThere))
    func downloadsAreNoMoreThanAllowed() async throws {
        let running = Mutex((now: 0, most: 0))
        try await withNginx { request in
            guard request.target != "/first" else { return [.response(200)] }
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            return [
                .perform { running.withLock { $0.now -= 1 } }, .response(200, body: pattern(1_000)),
            ]
        } _: { client, url in
            _ = try await client.send(
                HTTPRequest("GET", "\(url)/first", expectedContent: .anything))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<Self.count {
                    group.addTask {
                        _ = try await client.download(
                            DownloadRequest("\(url)/\(number)", maximumBytes: 1_000),
                            to: RecordingSink())
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(running.withLock { $0.most } <= 2)
    }

    private func withNginx(
        _ script: @escaping ScriptedServer.Script,
        _ body: (HTTPClient, String) async throws -> Void
    ) async throws {
        try await withScriptedServer(script) { server in
            try await HTTP2Front.running(before: server.port) { url, caFile in
                let configuration = HTTPClientConfiguration.forTests {
                    $0.caFile = caFile
                    $0.maximumConcurrentTransfers = 2
                }
                try await withClient(configuration) { try await body($0, url) }
            }
        }
    }
}
