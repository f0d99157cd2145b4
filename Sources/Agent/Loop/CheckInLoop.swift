import Diagnostics
import FoundationEssentials
import Licensing
package import Logging
import ServiceLifecycle

/// Checks in when the license's own policy says so, for as long as the agent runs.
///
/// 1. It asks when the next check-in is due: by the token's policy, an interval after the last good
///    one or a shorter one after a failure.
/// 2. It waits for that, a minute at most at a time: the wall clock may jump, another program may
///    change the license.
/// 3. It checks in. A failure is logged and remembered by the license; the saved token holds for its
///    lease. Nothing that fails ends the loop.
///
/// A little chance keeps many installations from asking in the same second.
package struct CheckInLoop: Service {
    private let board: LicenseBoard
    private let clock: any AgentClock
    private let log: Logger
    private let chance: @Sendable () -> Double

    /// The longest wait before the license is looked at again.
    static let longestWait: Duration = .seconds(60)

    /// - Parameters:
    ///   - board: the license
    ///   - clock: the time
    ///   - log: what administrators read
    ///   - chance: a number from 0 to 1
    package init(
        _ board: LicenseBoard, clock: any AgentClock, log: Logger,
        chance: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.board = board
        self.clock = clock
        self.log = log
        self.chance = chance
    }

    /// Runs until the program is told to end; a check-in that is under way then comes to its end.
    package func run() async {
        var due = DueTime()
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            let wait = await step(&due)
            await cancelWhenGracefulShutdown { try? await clock.sleep(for: wait) }
        }
    }

    /// Checks in if it is time.
    ///
    /// - Returns: how long to wait before the next look
    func step(_ due: inout DueTime) async -> Duration {
        do {
            try await look(&due)
            guard let time = due.time(now: clock.now) else { return Self.longestWait }
            if clock.now >= time {
                await checkIn(&due)
                try await look(&due)
            }
        } catch {
            log.warning("The license cannot be read and is looked at again: \(anyFailure(error))")
            return Self.longestWait
        }
        return wait(until: due.time(now: clock.now))
    }

    private func look(_ due: inout DueTime) async throws {
        due.expect(try await board.nextCheckIn(), now: clock.now, chance: chance())
    }

    private func checkIn(_ due: inout DueTime) async {
        do {
            let status = try await board.checkInIfDue()
            due.recordSuccess()
            log.notice("Checked in: the license is \(status.state.rawValue).")
            for warning in status.warnings {
                log.warning("\(warning.code.name): \(warning.message)")
            }
        } catch {
            let failure = anyFailure(error)
            due.recordFailure(at: clock.now)
            // Whoever installs plugins has the lock for a while; that is no failure of a check-in.
            let level: Logger.Level = failure.code == .lockHeld ? .notice : .warning
            log.log(level: level, "The check-in has to wait: \(failure)")
        }
    }

    private func wait(until time: Date?) -> Duration {
        guard let seconds = time?.timeIntervalSince(clock.now), seconds < 60 else {
            return Self.longestWait
        }
        // Rounded up, so that it is time when the wait is over; never none at all.
        return .milliseconds(max(1, Int64((seconds * 1000).rounded(.up))))
    }
}
