import Diagnostics
import FoundationEssentials
import Licensing
import Synchronization
import Testing

@testable import Agent

/// Days of check-ins, with a clock that passes as fast as the loop sleeps.
@Suite struct CheckInLoopTests {
    private let hour: TimeInterval = 3_600

    @Test func asksEverySixHoursWhileTheGatewayAnswers() async {
        let (desk, _) = await run(hours: 48)
        let attempts = desk.state.withLock(\.attempts)
        #expect(attempts.first == TestClock.start)
        #expect(gaps(attempts).allSatisfy { (21_600...21_631).contains($0) })
        #expect(attempts.count == 8)
    }

    @Test func asksEveryHourWhileTheGatewayIsAwayAndNeverStops() async {
        let (desk, _) = await run(hours: 48) {
            $0.failure = LicenseError(.licenseCheckIn, "away")
        }
        let attempts = desk.state.withLock(\.attempts)
        #expect(gaps(attempts).allSatisfy { (3_600...3_631).contains($0) })
        #expect((47...48).contains(attempts.count))
    }

    @Test func asksAtMostAfterAMinuteWhenTheClockJumped() async {
        let clock = TestClock()
        let desk = TestDesk(clock)
        let loop = CheckInLoop(LicenseBoard(desk, clock), clock: clock, log: silent) { 1 }
        var due = DueTime()
        #expect(await loop.step(&due) <= CheckInLoop.longestWait)
        clock.set(TestClock.start + 48 * hour)
        _ = await loop.step(&due)
        clock.set(TestClock.start - 1_000 * hour)
        _ = await loop.step(&due)
        #expect(desk.state.withLock(\.attempts.count) == 3)
    }

    @Test func doesNotHammerWhenTheFailureIsNotRemembered() async {
        let (desk, _) = await run(hours: 24) {
            $0.failure = LicenseError(.licenseState, "the storage folder is broken")
            $0.forgetsFailures = true
        }
        let gaps = gaps(desk.state.withLock(\.attempts))
        #expect(Array(gaps.prefix(6)) == [60, 120, 240, 480, 960, 1_920])
        #expect(gaps.dropFirst(6).allSatisfy { $0 == 3_600 })
    }

    @Test func waitsForAStorageFolderThatCannotBeRead() async {
        let clock = TestClock()
        let desk = TestDesk(clock)
        desk.edit { $0.pictureFailure = LicenseError(.licenseState, "damaged") }
        let loop = CheckInLoop(LicenseBoard(desk, clock), clock: clock, log: silent)
        var due = DueTime()
        #expect(await loop.step(&due) == CheckInLoop.longestWait)
        desk.edit { $0.pictureFailure = nil }
        _ = await loop.step(&due)
        #expect(desk.state.withLock(\.attempts.count) == 1)
    }

    @Test func followsAShortPolicy() async {
        let (desk, clock) = await run(hours: 1) {
            $0.policy = CheckInPolicy(interval: 10, retry: 5, lease: 60)
        }
        #expect(gaps(desk.state.withLock(\.attempts)).allSatisfy { (10...11).contains($0) })
        #expect(clock.slept.allSatisfy { $0 > .zero && $0 <= CheckInLoop.longestWait })
    }

    @Test func aChangeOfThePolicyCountsAtOnce() async {
        let clock = TestClock()
        let desk = TestDesk(clock)
        let loop = CheckInLoop(LicenseBoard(desk, clock), clock: clock, log: silent) { 0 }
        var due = DueTime()
        _ = await loop.step(&due)
        desk.edit { $0.policy = CheckInPolicy(interval: 30, retry: 5, lease: 60) }
        #expect(await loop.step(&due) == .seconds(30))
    }

    private func run(
        hours: Double, _ edit: (inout TestDesk.State) -> Void = { _ in }
    ) async -> (TestDesk, TestClock) {
        let clock = TestClock(until: TestClock.start + hours * hour)
        let desk = TestDesk(clock)
        desk.edit(edit)
        let board = LicenseBoard(desk, clock)
        let loop = CheckInLoop(board, clock: clock, log: silent) { 1 }
        var due = DueTime()
        while clock.now < TestClock.start + hours * hour {
            try? await clock.sleep(for: await loop.step(&due))
        }
        return (desk, clock)
    }

    /// Whole seconds between the attempts.
    private func gaps(_ attempts: [Date]) -> [Int] {
        zip(attempts, attempts.dropFirst()).map { Int($1.timeIntervalSince($0).rounded()) }
    }
}
