import Dispatch
import Synchronization
import Testing

@testable import Gateway

/// How many calls block at once.
struct ConnectionBlockingTests {
    /// Calls that block until they are let go.
    private final class Calls: Sendable {
        private struct Counts {
            var running = 0
            var most = 0
        }

        private let counts = Mutex(Counts())
        private let turns = DispatchSemaphore(value: 0)

        var most: Int { counts.withLock { $0.most } }

        /// - Parameter begun: told how many run now
        func block(begun: (Int) -> Void) {
            begun(
                counts.withLock { counts in
                    counts.running += 1
                    counts.most = max(counts.most, counts.running)
                    return counts.running
                })
            turns.wait()
            counts.withLock { $0.running -= 1 }
        }

        func letGo(_ count: Int) {
            for _ in 0..<count { turns.signal() }
        }
    }

    @Test func manyCallsBlockAndFewAtOnce() async throws {
        let limit = 64
        let threads = BlockingThreads(atMost: limit)
        let calls = Calls()
        let (running, begun) = AsyncStream<Int>.makeStream()
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await threads.run {
                        calls.block { begun.yield($0) }
                        return number
                    }
                }
            }
            _ = await running.first { $0 == limit }
            calls.letGo(500)
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(results.count == 500)
        #expect(calls.most == limit)
    }

    @Test func aFailureComesBack() async throws {
        let threads = BlockingThreads(atMost: 1)
        for _ in 0..<3 {
            await #expect(throws: TestFailure.self) {
                try await threads.run { throw TestFailure("failed") }
            }
        }
        #expect(try await onBlockingThread { 1 } == 1)
    }
}
