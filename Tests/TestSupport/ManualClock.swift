import Synchronization

/// A clock whose time passes only by sleeping, at once.
package final class ManualClock: Clock, Sendable {
    package struct Instant: InstantProtocol {
        var offset: Duration

        package func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        package func duration(to other: Instant) -> Duration { other.offset - offset }

        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let slept = Mutex<[Duration]>([])
    private let whileSleeping: @Sendable (Int) async throws -> Void

    /// - Parameter whileSleeping: what happens in each sleep, with the sleep's number from 1
    package init(whileSleeping: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.whileSleeping = whileSleeping
    }

    package var now: Instant { Instant(offset: sleeps.reduce(.zero, +)) }
    package var minimumResolution: Duration { .zero }
    /// How long each sleep was.
    package var sleeps: [Duration] { slept.withLock(\.self) }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let pause = now.duration(to: deadline)
        let number = slept.withLock { slept in
            slept.append(pause)
            return slept.count
        }
        try await whileSleeping(number)
    }
}
