import Dispatch

/// Runs what waits for the disk or for a lock on a thread of its own, so that the few threads of the
/// cooperative pool stay free for requests.
///
/// A queue of its own has a thread at once. Those of the global queues are the cooperative pool's own:
/// there each that waits is one less for everybody, until a second later another is added.
package func onBlockingThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "tollgate.blocking").async {
            continuation.resume(with: Result(catching: body))
        }
    }
}
