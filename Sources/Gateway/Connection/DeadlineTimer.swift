import NIOCore

/// One deadline at a time, on an event loop.
///
/// The timer behind it is set anew only for what is due before it: most deadlines are met, and are
/// forgotten before anybody looks.
final class DeadlineTimer<Kind> {
    private let loop: any EventLoop
    private let expired: (Kind) -> Void
    private var current: (kind: Kind, at: NIODeadline)?
    private var timer: Scheduled<Void>?
    private var timerIsDue = NIODeadline.distantFuture

    /// - Parameters:
    ///   - loop: the loop that this is made and used on
    ///   - expired: told on the loop when a deadline is over, which is forgotten then
    init(_ loop: any EventLoop, expired: @escaping (Kind) -> Void) {
        self.loop = loop
        self.expired = expired
    }

    /// What the deadline is for; nil when there is none.
    var kind: Kind? { current?.kind }

    var at: NIODeadline? { current?.at }

    /// Sets the deadline, in place of the one before.
    func set(_ kind: Kind, at time: NIODeadline) {
        current = (kind, time)
        if timer == nil || time < timerIsDue { start(at: time) }
    }

    /// There is no deadline now; the next one is soon.
    func forget() {
        current = nil
    }

    /// There is no deadline now or later.
    func clear() {
        current = nil
        timer?.cancel()
        timer = nil
    }

    private func start(at time: NIODeadline) {
        timer?.cancel()
        timerIsDue = time
        timer = loop.assumeIsolated().scheduleTask(deadline: time) { [self] in
            timer = nil
            guard let current else { return }
            if current.at > .now() {
                start(at: current.at)
            } else {
                self.current = nil
                expired(current.kind)
            }
        }
    }
}
