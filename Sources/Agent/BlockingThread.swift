import Dispatch

/// Runs what waits for the disk on a thread of its own, so that the few threads of the cooperative
/// pool stay free for requests.
///
/// A queue of its own has a thread at once; those of the global queues are the cooperative pool's own.
func onBlockingThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "pkg-agent.blocking").async {
            continuation.resume(returning: body())
        }
    }
}
