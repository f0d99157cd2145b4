import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Synchronization

/// Keeps what a download delivers, and in what order it was told what.
final class RecordingSink: DownloadSink {
    struct State {
        var bytes: [UInt8] = []
        var begins: [Int64] = []
    }

    private let state: Mutex<State>
    private let failure: (any Error)?

    init(_ bytes: [UInt8] = [], failingWith failure: (any Error)? = nil) {
        state = Mutex(State(bytes: bytes))
        self.failure = failure
    }

    var bytes: [UInt8] { state.withLock { $0.bytes } }
    var begins: [Int64] { state.withLock { $0.begins } }

    func begin(resumingAt offset: Int64) {
        state.withLock {
            $0.begins.append(offset)
            $0.bytes.removeSubrange(Int(offset)...)
        }
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        if let failure { throw failure }
        state.withLock { $0.bytes.append(contentsOf: bytes) }
    }
}

/// Stands for waiting: remembers how long was asked for and returns at once.
final class WaitLog: Sendable {
    private let waits = Mutex<[Duration]>([])

    var durations: [Duration] { waits.withLock { $0 } }

    func wait(_ duration: Duration) { waits.withLock { $0.append(duration) } }
}

/// The wall clock of the tests: Saturday, 2026-11-21 10:00:00 UTC.
let testNow = Date(timeIntervalSince1970: 1_795_255_200)

extension HTTPClientConfiguration {
    /// No proxy, no real waits, jitter at its middle.
    static func forTests(
        _ log: WaitLog = WaitLog(), change: (inout HTTPClientConfiguration) -> Void = { _ in }
    ) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration(
            userAgent: "pkg/0.0.0-test", proxy: .none,
            retry: RetryPolicy(jitter: { 0.5 }, sleep: { log.wait($0) }, now: { testNow }))
        change(&configuration)
        return configuration
    }
}

/// Runs `body` with a client and shuts it down afterwards.
func withClient<Value>(
    _ configuration: HTTPClientConfiguration = .forTests(),
    _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    let client = try HTTPClient(configuration)
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(client))
    } catch {
        result = .failure(error)
    }
    await client.shutDown()
    return try result.get()
}

extension HTTPClient {
    /// How sending that request fails; nil when it does not.
    func failure(_ request: HTTPRequest) async -> NetworkError? {
        do throws(NetworkError) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }

    /// How that download fails; nil when it does not.
    func failure(_ request: DownloadRequest, to sink: any DownloadSink) async -> NetworkError? {
        do throws(NetworkError) {
            _ = try await download(request, to: sink)
            return nil
        } catch {
            return error
        }
    }
}

/// Bytes that differ from their neighbours, so that a shifted piece is seen.
func pattern(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
