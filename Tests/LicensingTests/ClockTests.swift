import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

/// What a clock that differs from the gateway's does, and one that is set in between.
struct ClockTests {
    private static let hour = Samples.hour

    @Test(arguments: [(300, nil), (301, "ahead of"), (-300, nil), (-301, "behind")])
    func clockThatDiffersFromTheGatewaysIsReported(skew: Int64, word: String?) {
        var memory = LicenseMemory()
        memory.recordCheckIn(
            Samples.token(Samples.standard { $0.issued = Samples.now - Double(skew) }),
            at: Samples.now)
        let status = Samples.status(Samples.standard(), memory: memory)
        #expect(status.state == .active)
        #expect(status.clockSkew == skew)
        #expect(status.json["clock_skew_s"]?.integer == skew)
        #expect(status.warnings.map(\.code) == (word == nil ? [] : [.clockSkewed]))
        let message = word.map {
            """
            This machine's clock was 301 s \($0) the gateway's at the check-in of \
            2026-11-21T10:00:00Z.
            """
        }
        #expect(status.warnings.first?.message == message)
    }

    /// Up to a day a wrong clock is skewed and judged is by the gateway's time; then it is wrong.
    @Test(arguments: [
        (-23 * 3600, 0, LicenseState.active, FailureCode?.none),
        (-23 * 3600, 47 * 3600, .active, nil),
        (-23 * 3600, 48 * 3600, .paused, .licenseLeaseOver),
        (23 * 3600, 47 * 3600, .active, nil),
        (23 * 3600, 48 * 3600, .paused, .licenseLeaseOver),
        (-25 * 3600, 0, .invalid, .clockBehind),
        (25 * 3600, 0, .active, nil),
        (49 * 3600, 0, .paused, .clockSkewed),
        (49 * 3600, 47 * 3600, .paused, .clockSkewed),
        (49 * 3600, 48 * 3600, .paused, .licenseLeaseOver),
    ])
    func leasesEndByTheGatewaysTime(
        skew: Int, later: Int, state: LicenseState, code: FailureCode?
    ) {
        let issued = Samples.now
        let token = Samples.token(
            Samples.standard {
                $0.issued = issued
                $0.expires = issued + 48 * Samples.hour
            })
        let clock = issued + Double(skew)
        var memory = LicenseMemory()
        memory.remember(token, now: clock)
        memory.recordCheckIn(token, at: clock)
        let status = evaluate(
            [token], instance: Samples.instance, facts: nil, memory: memory,
            now: clock + Double(later))
        #expect(status.state == state)
        #expect(status.failure?.code == code)
        #expect(status.warnings.map(\.code) == (code == .clockSkewed ? [] : [.clockSkewed]))
    }

    @Test func leaseThatAWrongClockEndsSaysSoWithAllTimes() {
        let (claims, memory) = checkedIn(.standard, skew: 50 * Self.hour + 0.4)
        let status = Samples.status(
            claims, memory: memory, now: Samples.now + 50 * Self.hour + 60)
        #expect(
            status.failure?.message == """
                This machine's clock shows 2026-11-23T12:01:00Z, after the lease's end at \
                2026-11-23T10:00:00Z. At the last check-in it showed 2026-11-23T12:00:00Z when it \
                was 2026-11-21T10:00:00Z at the gateway, and a clock that is more than a day off \
                cannot be corrected.
                """)
        #expect(status.failure?.remedy.contains("NTP") == true)
        // Put right, it needs nothing else.
        #expect(
            Samples.status(claims, memory: memory, now: Samples.now + 60).state == .active)
    }

    @Test func clockBehindShowsBothTimes() throws {
        let status = Samples.status(Samples.standard { $0.issued = Samples.now + 7200 })
        let message = try #require(status.failure?.message)
        #expect(message.contains("2026-11-21T10:00:00Z"))
        #expect(message.contains("2026-11-21T12:00:00Z"))
    }

    /// A token that a check-in gave at ``Samples/now``, and what is remembered of it.
    private func checkedIn(
        _ mode: LicenseMode, skew: TimeInterval
    ) -> (LicenseClaims, LicenseMemory) {
        let change: (inout LicenseClaims) -> Void = {
            $0.mode = mode
            $0.issued = Samples.now
            $0.afterTerm = .pause
            $0.graceUntil = nil
            $0.expires = Samples.now + 48 * Self.hour
            if mode != .standard { $0.termEnds = $0.expires }
        }
        let claims = mode == .standard ? Samples.standard(change) : Samples.offline(change)
        var memory = LicenseMemory()
        memory.remember(Samples.token(claims), now: Samples.now + skew)
        memory.recordCheckIn(Samples.token(claims), at: Samples.now + skew)
        return (claims, memory)
    }

    @Test(arguments: [LicenseMode.standard, .airgapped])
    func clockPutRightAfterACheckInDisprovesTheSkew(mode: LicenseMode) {
        let (claims, memory) = checkedIn(mode, skew: 10 * Self.hour)
        for later in [0, 1, 9] {
            let now = Samples.now + Double(later) * Self.hour
            let status = Samples.status(claims, memory: memory, now: now)
            #expect(status.state == .active)
            #expect(status.clockSkew == nil)
            #expect(!status.warnings.map(\.code).contains(.clockSkewed))
        }
    }

    @Test(arguments: [LicenseMode.standard, .airgapped])
    func clockSetBackBehindTheProvenTimeIsBehindThoughItWasSkewed(mode: LicenseMode) {
        let (claims, memory) = checkedIn(mode, skew: 2 * Self.hour)
        let status = Samples.status(claims, memory: memory, now: Samples.now - Self.hour)
        #expect(status.state == .invalid)
        #expect(status.failure?.code == .clockBehind)
        #expect(
            status.failure?.message == """
                This machine's clock shows 2026-11-21T09:00:00Z, but a license token proves that \
                2026-11-21T10:00:00Z is past.
                """)
    }

    /// The skew makes it less wrong and not right: both times are shown.
    @Test func clockThatIsBehindInSpiteOfTheSkewShowsWhatWasCompared() {
        var (claims, memory) = checkedIn(.standard, skew: -2 * Self.hour)
        claims.issued += 5 * Self.hour
        memory.remember(Samples.token(claims), now: Samples.now - 2 * Self.hour)
        let status = Samples.status(claims, memory: memory, now: Samples.now - 2 * Self.hour)
        #expect(
            status.failure?.message == """
                This machine's clock shows 2026-11-21T08:00:00Z, which the skew at the last check-in \
                makes 2026-11-21T10:00:00Z at the gateway, but a license token proves that \
                2026-11-21T15:00:00Z is past.
                """)
    }

    /// An airgapped license is not measured again: its term ends by the clock once that is right.
    @Test(arguments: [10.0, -10.0, 23.0, -23.0])
    func skewOfAnActivationNeitherLengthensNorShortensATerm(hours: Double) {
        let (claims, memory) = checkedIn(.airgapped, skew: hours * Self.hour)
        let end = Samples.now + 48 * Self.hour
        #expect(Samples.status(claims, memory: memory, now: end - 1).state == .active)
        #expect(Samples.status(claims, memory: memory, now: end).failure?.code == .licensePaused)
        // As long as the clock is as far off, the gateway's time bridges what it lies behind.
        let still = Samples.now + hours * Self.hour
        #expect(Samples.status(claims, memory: memory, now: still).state == .active)
    }

    @Test func skewThatAFailedCheckInDisprovesIsForgotten() {
        var (claims, memory) = checkedIn(.standard, skew: 10 * Self.hour)
        memory.recordFailedCheckIn(
            of: "lic_1", at: Samples.now + 11 * Self.hour, code: "network.dns")
        #expect(memory.clockSkew != nil)
        memory.recordFailedCheckIn(of: "lic_1", at: Samples.now + Self.hour, code: "network.dns")
        #expect(memory.clockSkew == nil)
        let end = Samples.now + 48 * Self.hour
        #expect(
            Samples.status(claims, memory: memory, now: end).failure?.code == .licenseLeaseOver)
    }
}
