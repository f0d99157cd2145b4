import NIOCore

/// Runs the tasks that answer a connection's requests on the event loop that the connection is on.
///
/// An answer that waits for nothing is then written without a switch of threads in between. What blocks
/// has a thread of its own anyway (``onBlockingThread(_:)``).
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// An executor for each loop of a group, alive as long as anything that may run on them.
struct EventLoopExecutors: Sendable {
    private let executors: [ObjectIdentifier: EventLoopExecutor]

    init(_ group: any EventLoopGroup) {
        executors = Dictionary(
            group.makeIterator().map { (ObjectIdentifier($0), EventLoopExecutor($0)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// That of the loop, or nil for a loop of another group.
    subscript(loop: any EventLoop) -> EventLoopExecutor? { executors[ObjectIdentifier(loop)] }
}

extension EventLoop {
    /// Runs it on the loop: at once when this is the loop, else as soon as it can.
    func runOnLoop(_ body: @escaping @Sendable () -> Void) {
        if inEventLoop { body() } else { execute(body) }
    }
}
