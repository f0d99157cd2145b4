import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

struct EvaluationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let claims: LicenseClaims
        var memory = LicenseMemory()
        let state: LicenseState
        var code: FailureCode?
        var warning: FailureCode?
        var until: Date?
        var testDescription: String { name }
    }

    private static let now = Samples.now
    private static let hour = Samples.hour
    private static let day = Samples.day

    private static func failedCheckIn(
        at time: Date, code: String = "network.timeout"
    ) -> LicenseMemory {
        var memory = LicenseMemory()
        memory.recordFailedCheckIn(of: "lic_1", at: time, code: code)
        return memory
    }

    private static func seen(_ claims: LicenseClaims) -> LicenseMemory {
        var memory = LicenseMemory()
        memory.remember(Samples.token(claims), now: now)
        return memory
    }

    /// A license whose term ended then, issued within it.
    private static func ended(
        _ end: Date, grace: Date?, _ afterTerm: AfterTerm, mode: LicenseMode = .standard
    ) -> LicenseClaims {
        (mode == .standard ? Samples.standard : Samples.offline) {
            $0.termEnds = end
            $0.graceUntil = grace
            $0.afterTerm = afterTerm
            if mode != .standard { $0.expires = grace ?? end }
        }
    }

    static let cases = [
        Case(
            name: "in term and lease", claims: Samples.standard(), state: .active,
            until: now + 365 * day),
        Case(name: "offline", claims: Samples.offline(), state: .active, until: now + 365 * day),
        Case(
            name: "airgapped", claims: Samples.offline { $0.mode = .airgapped }, state: .active,
            until: now + 365 * day),
        Case(
            name: "perpetual with a lease",
            claims: Samples.standard {
                $0.termEnds = nil
                $0.graceUntil = nil
            }, state: .active),

        // The lease.
        Case(
            name: "last second of the lease", claims: Samples.standard { $0.expires = now + 1 },
            state: .active, until: now + 365 * day),
        Case(
            name: "lease over this second", claims: Samples.standard { $0.expires = now },
            state: .paused, code: .licenseLeaseOver),
        Case(
            name: "lease over, check-ins failed", claims: Samples.standard { $0.expires = now },
            memory: failedCheckIn(at: now - hour), state: .paused, code: .licenseLeaseOver),
        Case(
            name: "check-in failed within the interval", claims: Samples.standard(),
            memory: failedCheckIn(at: now - 60), state: .active, until: now + 365 * day),
        Case(
            name: "check-in failed after the interval",
            claims: Samples.standard { $0.issued = now - 6 * hour },
            memory: failedCheckIn(at: now - 60), state: .grace, warning: .licenseLeaseEnding,
            until: now + 47 * hour),
        Case(
            name: "check-in failed before this token",
            claims: Samples.standard { $0.issued = now - 6 * hour },
            memory: failedCheckIn(at: now - 7 * hour), state: .active, until: now + 365 * day),

        // A check-in that was refused, and not only failed.
        Case(
            name: "check-in refused within the interval", claims: Samples.standard(),
            memory: failedCheckIn(at: now - 60, code: "license.key-mismatch"), state: .active,
            warning: .licenseKeyMismatch, until: now + 365 * day),
        Case(
            name: "check-in refused after the interval",
            claims: Samples.standard { $0.issued = now - 6 * hour },
            memory: failedCheckIn(at: now - 60, code: "license.key-mismatch"), state: .grace,
            warning: .licenseKeyMismatch, until: now + 47 * hour),
        Case(
            name: "lease over, check-in refused", claims: Samples.standard { $0.expires = now },
            memory: failedCheckIn(at: now - 60, code: "license.key-mismatch"), state: .paused,
            code: .licenseKeyMismatch),
        Case(
            name: "refused before this token",
            claims: Samples.standard(),
            memory: failedCheckIn(at: now - 7 * hour, code: "license.key-mismatch"),
            state: .active, until: now + 365 * day),
        Case(
            name: "airgapped, renewal refused", claims: Samples.offline { $0.mode = .airgapped },
            memory: failedCheckIn(at: now - 60, code: "license.revoked"), state: .active,
            warning: .licenseRevoked, until: now + 365 * day),
        Case(
            name: "airgapped, renewal failed", claims: Samples.offline { $0.mode = .airgapped },
            memory: failedCheckIn(at: now - 60), state: .active, until: now + 365 * day),

        // Term and grace.
        Case(
            name: "last second of the term",
            claims: ended(now + 1, grace: now + day, .pause), state: .active,
            warning: .licenseEndingSoon, until: now + 1),
        Case(
            name: "term over this second", claims: ended(now, grace: now + day, .pause),
            state: .grace, warning: .licenseExpired, until: now + day),
        Case(
            name: "last second of the grace", claims: ended(now - day, grace: now + 1, .pause),
            state: .grace, warning: .licenseExpired, until: now + 1),
        Case(
            name: "grace over, pause", claims: ended(now - day, grace: now, .pause),
            state: .paused, code: .licensePaused),
        Case(
            name: "grace over, keep", claims: ended(now - day, grace: now, .keep),
            state: .active, warning: .licenseExpired),
        Case(
            name: "no grace, pause", claims: ended(now, grace: nil, .pause), state: .paused,
            code: .licensePaused),
        Case(
            name: "offline, grace", claims: ended(now, grace: now + day, .pause, mode: .offline),
            state: .grace, warning: .licenseExpired, until: now + day),
        Case(
            name: "offline, grace over",
            claims: ended(now - day, grace: now, .pause, mode: .offline), state: .paused,
            code: .licensePaused),
        Case(
            name: "offline, kept after its end",
            claims: ended(now - day, grace: now, .keep, mode: .offline), state: .active,
            warning: .licenseExpired),
        Case(
            name: "the gateway says expired",
            claims: Samples.standard {
                $0.status = .expired
                $0.graceUntil = now
            }, state: .paused, code: .licensePaused),

        // Warnings early.
        Case(
            name: "30 days before the end",
            claims: ended(now + 30 * day, grace: nil, .pause), state: .active,
            warning: .licenseEndingSoon, until: now + 30 * day),
        Case(
            name: "more than 30 days before the end",
            claims: ended(now + 30 * day + 1, grace: nil, .pause), state: .active,
            until: now + 30 * day + 1),
        Case(
            name: "trial, 8 days before the end",
            claims: Samples.standard {
                $0.termEnds = now + 8 * day
                $0.trial = true
            }, state: .active, until: now + 8 * day),
        Case(
            name: "trial, 7 days before the end",
            claims: Samples.standard {
                $0.termEnds = now + 7 * day
                $0.trial = true
            }, state: .active, warning: .licenseEndingSoon, until: now + 7 * day),

        // What the vendor says.
        Case(
            name: "suspended", claims: Samples.standard { $0.status = .suspended },
            state: .paused, code: .licenseSuspended),
        Case(
            name: "revoked", claims: Samples.standard { $0.status = .revoked },
            state: .invalid, code: .licenseRevoked),

        // The instance.
        Case(
            name: "another instance",
            claims: Samples.standard {
                $0.instances = [InstanceBinding(id: Samples.otherInstance)]
            }, state: .invalid, code: .licenseKeyMismatch),
        Case(
            name: "no instance", claims: Samples.standard { $0.instances = [] },
            state: .invalid, code: .licenseKeyMismatch),
        Case(
            name: "moving away, last second",
            claims: Samples.standard {
                $0.instances = [
                    InstanceBinding(id: Samples.otherInstance),
                    InstanceBinding(id: Samples.instance, until: now + 1),
                ]
            }, state: .active, warning: .licenseInstanceMoving, until: now + 1),
        Case(
            name: "moved away",
            claims: Samples.standard {
                $0.instances = [
                    InstanceBinding(id: Samples.otherInstance),
                    InstanceBinding(id: Samples.instance, until: now),
                ]
            }, state: .invalid, code: .licenseKeyMismatch),

        // The clock.
        Case(
            name: "clock 5 minutes behind",
            claims: Samples.standard { $0.issued = now + 300 }, state: .active,
            until: now + 365 * day),
        Case(
            name: "clock more than 5 minutes behind",
            claims: Samples.standard { $0.issued = now + 301 }, state: .invalid,
            code: .clockBehind),
        Case(
            name: "clock behind what was proven before", claims: Samples.standard(),
            memory: seen(Samples.standard { $0.issued = now + hour }), state: .invalid,
            code: .clockBehind),
        Case(
            name: "begins this second", claims: Samples.offline { $0.notBefore = now },
            state: .active, until: now + 365 * day),
        Case(
            name: "begins later", claims: Samples.offline { $0.notBefore = now + 1 },
            state: .none, code: .licenseNotYetValid),

        // The sequence.
        Case(
            name: "same sequence again", claims: Samples.standard(),
            memory: seen(Samples.standard()), state: .active, until: now + 365 * day),
        Case(
            name: "older sequence", claims: Samples.standard { $0.sequence = 2 },
            memory: seen(Samples.standard()), state: .invalid, code: .licenseReplayed),
        Case(
            name: "older sequence than one that waits",
            claims: Samples.standard { $0.sequence = 2 },
            memory: seen(Samples.standard { $0.notBefore = now + 1 }), state: .active,
            until: now + 365 * day),
    ]

    @Test(arguments: cases)
    func oneTokenIs(_ test: Case) {
        let status = Samples.status(test.claims, memory: test.memory)
        #expect(status.state == test.state)
        #expect(status.failure?.code == test.code)
        #expect(status.warnings.map(\.code) == (test.warning.map { [$0] } ?? []))
        #expect(status.until == test.until)
        #expect(status.permitsNewDownloads == [.active, .grace].contains(test.state))
        #expect(status.permitsRemovals == status.permitsNewDownloads)
        #expect(status.json["state"]?.string == test.state.rawValue)
        #expect(status.json["failure"]?["code"]?.string == test.code?.name)
    }

    @Test(arguments: [(nil, nil), (25, nil), (26, 26)])
    func moreUsersThanSeatsAreAWarning(inUse: Int64?, warned: Int64?) {
        let status = evaluate(
            [Samples.token(Samples.standard())], instance: Samples.instance, facts: nil,
            memory: LicenseMemory(), seatsInUse: inUse, now: Samples.now)
        #expect(status.state == .active)
        #expect(status.seatsInUse == inUse)
        #expect(
            status.warnings.map(\.message)
                == (warned.map { ["\($0) users are active; the license grants 25 seats."] } ?? []))
        #expect(status.warnings.allSatisfy { $0.code == .licenseSeatsExceeded })
    }

    @Test func nothingSavedIsNone() {
        let status = Samples.status()
        #expect(status.state == .none)
        #expect(status.failure?.code == .licenseKeyNotFound)
        #expect(!status.permitsNewDownloads)
        #expect(!status.permitsRemovals)
    }

    @Test func mismatchNamesTheFactsThatDiffer() throws {
        let moved = InstanceFacts(
            binding: ["database.server": "postgresql/7415", "database.name": "app"])
        let status = evaluate(
            [Samples.token(Samples.standard())], instance: InstanceID(facts: moved), facts: moved,
            memory: LicenseMemory(), now: Samples.now)
        let failure = try #require(status.failure)
        #expect(failure.code == .licenseKeyMismatch)
        #expect(failure.code.title == "License key mismatch")
        #expect(failure.message.contains("Different since the activation: database.server."))
        #expect(failure.message.contains("Unchanged: database.name."))
        #expect(failure.message.contains(Samples.instance.description))
        #expect(failure.message.contains(InstanceID(facts: moved).description))
    }

    @Test func pausedComesBackWithTheNextCheckIn() {
        let later = Samples.now + 72 * Samples.hour
        #expect(Samples.status(Samples.standard(), now: later).state == .paused)
        let fresh = Samples.standard {
            $0.issued = later
            $0.expires = later + 48 * Samples.hour
        }
        #expect(Samples.status(Samples.standard(), fresh, now: later).state == .active)
    }

    @Test func refusedCheckInIsToldWithWhatStillHolds() {
        let memory = Self.failedCheckIn(at: Samples.now - 60, code: "license.key-mismatch")
        #expect(
            Samples.status(Samples.standard(), memory: memory).warnings.map(\.message) == [
                """
                The last check-in was refused at 2026-11-21T09:59:00Z with license.key-mismatch. \
                The saved token of license lic_1 holds until 2026-11-23T09:00:00Z.
                """
            ])
        let over = Samples.status(Samples.standard { $0.expires = Samples.now }, memory: memory)
        #expect(
            over.failure?.message == """
                The lease of license lic_1 ended at 2026-11-21T10:00:00Z without a check-in. The \
                last check-in was refused at 2026-11-21T09:59:00Z with license.key-mismatch.
                """)
    }

    /// What programs read: `pkg license status --json`, and the agent's `/v1/license`.
    @Test func timesOfTheStatusAreText() throws {
        let json = Samples.status(
            Samples.standard {
                $0.notBefore = Samples.now - Samples.day
                $0.termEnds = Samples.now + Samples.day
                $0.plugins = [
                    PluginEntitlement(name: "@acme/a", updatesUntil: Samples.now + Samples.hour)
                ]
            }
        ).json
        let license = try #require(json["licenses"]?.array?.first)
        #expect(json["until"]?.string == "2026-11-22T10:00:00Z")
        #expect(license["until"]?.string == "2026-11-22T10:00:00Z")
        #expect(license["begins"]?.string == "2026-11-20T10:00:00Z")
        #expect(license["term_ends"]?.string == "2026-11-22T10:00:00Z")
        let plugin = json["plugins"]?.array?.first
        #expect(plugin?["updates_until"]?.string == "2026-11-21T11:00:00Z")
    }

    @Test func pausedKeepsEntitlementsMarked() {
        let status = Samples.status(Samples.standard { $0.status = .suspended })
        #expect(status.entitlements.plugins.map(\.isPaused) == [true])
        #expect(status.entitlements.features.isEmpty)
    }

    @Test func keptLicenseCoversWhatWasPublishedInItsTerm() {
        let end = Samples.now - Samples.day
        let status = Samples.status(
            Self.ended(end, grace: nil, .keep, mode: .offline))
        #expect(status.entitlements.plugins.map(\.updatesUntil) == [end])
    }
}
