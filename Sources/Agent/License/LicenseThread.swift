import Dispatch

/// The thread on which everything that reads or changes the saved license happens: it waits for the
/// disk and for databases, which no thread of the cooperative pool may.
final class LicenseThread: SerialExecutor {
    private let queue = DispatchQueue(label: "pkg-agent.license")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
