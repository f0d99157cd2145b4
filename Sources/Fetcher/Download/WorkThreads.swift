import Dispatch
import FoundationEssentials
import Synchronization

/// Threads for what blocks (hashing, inflating, writing files), as many as there are processors, so
/// that the cooperative pool never waits for a disk.
final class WorkThreads: Sendable {
    private let queues: [DispatchQueue]
    private let next = Atomic<Int>(0)

    init(count: Int = ProcessInfo.processInfo.activeProcessorCount) {
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

    /// Runs `body` for each item, on all threads at once.
    ///
    /// - Returns: What `body` returned, in the order of the items.
    func map<Item: Sendable, Value: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) throws -> Value
    ) async throws -> [Value] {
        let shares = min(queues.count, items.count)
        return try await withThrowingTaskGroup(of: [(Int, Value)].self) { group in
            for first in 0..<shares {
                group.addTask {
                    try await self.run {
                        try stride(from: first, to: items.count, by: shares).map {
                            ($0, try body(items[$0]))
                        }
                    }
                }
            }
            var values: [(Int, Value)] = []
            for try await share in group { values += share }
            return values.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// What waits for its turn.
    private final class Order: Sendable {
        let isCancelled = Atomic(false)
    }
}
