import Dispatch
import NIOCore
import Synchronization

/// Runs what waits for the disk or for a lock on a thread of its own, so that the few threads of the
/// cooperative pool stay free for requests.
///
/// What comes while all of those threads are taken waits its turn without one (``BlockingThreads``).
package func onBlockingThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await BlockingThreads.shared.run(body)
}

/// The threads on which something may block: so many at most, and a queue in front of them.
///
/// Without a limit, as many callers as a slow disk holds up would take every thread that Dispatch has,
/// and then whoever those wait for gets none either.
final class BlockingThreads: Sendable {
    private struct State {
        var running = 0
        var waiting: CircularBuffer<@Sendable () -> Void> = []
    }

    /// Far more than a disk does at once, and a quarter of the threads that Dispatch gives a program.
    static let shared = BlockingThreads(atMost: 64)

    private let limit: Int
    private let state = Mutex(State())

    init(atMost limit: Int) {
        self.limit = limit
    }

    /// Runs the body as soon as a thread is free, in the order of the calls.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let work = Work(body)
        return try await withCheckedThrowingContinuation { continuation in
            enqueue { continuation.resume(with: work.run()) }
        }
    }

    private func enqueue(_ call: @escaping @Sendable () -> Void) {
        let hasThread = state.withLock { state in
            guard state.running < limit else {
                state.waiting.append(call)
                return false
            }
            state.running += 1
            return true
        }
        guard hasThread else { return }
        // A queue of its own has a thread at once. Those of the global queues are the cooperative
        // pool's own: there each that waits is one less for everybody, until another is added.
        DispatchQueue(label: "tollgate.blocking").async { [self] in
            call()
            while let next = next() { next() }
        }
    }

    /// What waits longest, for a thread that is done; nil when the thread is not needed any more.
    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            let next = state.waiting.popFirst()
            if next == nil { state.running -= 1 }
            return next
        }
    }
}

/// What is run once, and let go of with all that it holds before its caller goes on: a file that it held
/// is gone by then.
private final class Work<Value: Sendable>: Sendable {
    private let body: Mutex<(@Sendable () throws -> Value)?>

    init(_ body: @escaping @Sendable () throws -> Value) {
        self.body = Mutex(body)
    }

    func run() -> Result<Value, any Error> {
        Result {
            guard let body = body.withLock({ $0.take() }) else { throw CancellationError() }
            return try body()
        }
    }
}
