import Diagnostics
import Dispatch
import Fetcher
import Glibc
import Synchronization
import TerminalOutput

/// Lets SIGTERM and SIGINT end a run: what it waits for is given up, the exchange of a plugin that has
/// begun is done, and the report says so.
///
/// Whoever sent the signal waits for two seconds, so a run that cannot end by then, for a disk perhaps,
/// is left as a kill would leave it, which the next run puts right. So does a second signal, unless it
/// comes with the first: of a terminal and a script, or of a script and its group, one gets both.
final class EndSignals: Sendable {
    private let received = Mutex<EndSignal?>(nil)
    /// Whether the run has its report.
    private let isOver = Atomic(false)
    /// Whether a signal that comes now is another than the first.
    private let isSecond = Atomic(false)
    private let queue = DispatchQueue(label: "pkg.signals")
    private static let patience = DispatchTimeInterval.milliseconds(1_500)

    /// The first signal that came.
    var first: EndSignal? { received.withLock(\.self) }

    /// Runs `body` in a task that a signal cancels.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let task = Task { await body() }
        let sources = EndSignal.allCases.map { ending in
            signal(ending.rawValue, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: ending.rawValue, queue: queue)
            source.setEventHandler { [self] in
                let isFirst = received.withLock { received in
                    defer { received = received ?? ending }
                    return received == nil
                }
                guard isFirst else {
                    if isSecond.load(ordering: .acquiring) { Self.leave(ending) }
                    return
                }
                queue.asyncAfter(deadline: .now() + .milliseconds(500)) { [self] in
                    isSecond.store(true, ordering: .releasing)
                }
                task.cancel()
                queue.asyncAfter(deadline: .now() + Self.patience) { [self] in
                    if !isOver.load(ordering: .acquiring) { Self.leave(ending) }
                }
            }
            source.activate()
            return source
        }
        let value = await task.value
        isOver.store(true, ordering: .releasing)
        // From here on there is nothing left to end well.
        for source in sources { source.cancel() }
        if first == nil || isSecond.load(ordering: .acquiring) {
            Self.restore()
        } else {
            // The rest of the first signal must not keep the report from being printed.
            queue.asyncAfter(deadline: .now() + .milliseconds(500)) { Self.restore() }
        }
        return value
    }

    private static func restore() {
        for ending in EndSignal.allCases { signal(ending.rawValue, SIG_DFL) }
    }

    private static func leave(_ ending: EndSignal) -> Never {
        // A terminal that takes nothing keeps nobody.
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(200)) {
            _exit(ending.exitStatus.rawValue)
        }
        Terminal.show(live: [])
        Terminal.note(
            "\(ending.name): left without a report; the next run ends what this one had begun.")
        _exit(ending.exitStatus.rawValue)
    }
}
