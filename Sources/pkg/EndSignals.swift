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
/// comes with the first: of a terminal and a script, or of a script and its group, one gets both. One
/// that was ignored when the program began stays ignored: so nohup(1) and a shell's `&` want it.
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
        let taken = EndSignal.allCases.compactMap { take($0) { task.cancel() } }
        let value = await task.value
        isOver.store(true, ordering: .releasing)
        // From here on there is nothing left to end well.
        for taken in taken { taken.source.cancel() }
        let endings = taken.map(\.ending)
        if first == nil || isSecond.load(ordering: .acquiring) {
            Self.restore(endings)
        } else {
            // The rest of the first signal must not keep the report from being printed.
            queue.asyncAfter(deadline: .now() + .milliseconds(500)) { Self.restore(endings) }
        }
        return value
    }

    private struct Taken {
        let ending: EndSignal
        let source: any DispatchSourceSignal
    }

    private static func restore(_ endings: [EndSignal]) {
        for ending in endings { signal(ending.rawValue, SIG_DFL) }
    }

    /// Answers to a signal; nil for one that is ignored.
    private func take(_ ending: EndSignal, _ cancel: @escaping @Sendable () -> Void) -> Taken? {
        var before = sigaction()
        guard sigaction(ending.rawValue, nil, &before) == 0, !before.isIgnored else { return nil }
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
            cancel()
            queue.asyncAfter(deadline: .now() + Self.patience) { [self] in
                guard isOver.load(ordering: .acquiring) else { Self.leave(ending) }
                Self.end(ending)
            }
        }
        source.activate()
        return Taken(ending: ending, source: source)
    }

    /// Ends the program soon, whatever it is at: a terminal that takes nothing keeps nobody.
    private static func end(_ ending: EndSignal) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(200)) {
            _exit(ending.exitStatus.rawValue)
        }
    }

    private static func leave(_ ending: EndSignal) -> Never {
        end(ending)
        Terminal.show(live: [])
        Terminal.note(
            "\(ending.name): left without a report; the next run ends what this one had begun.")
        _exit(ending.exitStatus.rawValue)
    }
}

extension sigaction {
    fileprivate var isIgnored: Bool {
        unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == 1
    }
}
