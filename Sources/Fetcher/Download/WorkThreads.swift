import Dispatch
import Synchronization

/// Threads for what blocks (hashing, inflating, writing files), as many as there are processors, so
/// that the cooperative pool never waits for a disk.
final class WorkThreads: Sendable {
    private let queues: [DispatchQueue]
    private let next = Atomic<Int>(0)

    init(count: Int) {
        queues = (0..<max(count, 1)).map { DispatchQueue(label: "pkg.work.\($0)") }
    }

    /// Runs `body` on one of the threads, behind what waits there already; not at all when the task is
    /// cancelled before its turn comes.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        let order = Order()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queues[index % queues.count].async {
                    continuation.resume(
                        with: Result {
                            if order.isCancelled.load(ordering: .relaxed) {
                                throw CancellationError()
                            }
                            return try body()
                        })
                }
            }
        } onCancel: {
            order.isCancelled.store(true, ordering: .relaxed)
        }
    }

    /// What waits for its turn.
    private final class Order: Sendable {
        let isCancelled = Atomic(false)
    }
}
