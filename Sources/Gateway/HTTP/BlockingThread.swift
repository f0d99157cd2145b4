import Dispatch

/// Runs what waits for the disk or for a lock on a thread of its own, so that the few threads of the
/// cooperative pool stay free for requests.
package func onBlockingThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Result(catching: body))
        }
    }
}
