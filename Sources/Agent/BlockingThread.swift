import Dispatch

/// Runs what waits for the disk on a thread of its own, so that the few threads of the cooperative
/// pool stay free for requests.
func onBlockingThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: body()) }
    }
}
