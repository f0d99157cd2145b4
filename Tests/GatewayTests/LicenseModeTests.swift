import CanonicalJSON
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import Storage
import TestSupport
import Testing

@testable import Gateway

/// Airgapped and offline licenses, those that begin later, and moves, from both sides on one clock.
struct LicenseModeTests {
    private static let day: TimeInterval = 86_400

    private static func terms(
        _ mode: LicenseMode, _ gateway: TestGateway, begins: Date? = nil, days: Double = 365,
        afterTerm: AfterTerm = .pause
    ) -> LicenseTerms {
        var terms = LicenseTerms(
            mode: mode, expires: gateway.test.clock.now + days * day, graceDays: 14,
            afterTerm: afterTerm,
            grants: [LicenseTerms.Grant(plugin: "@acme/a", updatesUntil: nil)])
        terms.begins = begins
        return terms
    }

    private static func offlineToken(
        _ gateway: TestGateway, for machine: Machine, begins: Date? = nil, days: Double = 365
    ) async throws -> (LicenseRecord, Secret<String>) {
        try await gateway.vendor.issueOfflineLicense(
            to: "Globex", terms(.offline, gateway, begins: begins, days: days),
            for: [machine.identity.id], by: gateway.test.actor)
    }

    @Test(arguments: [10.0, -10.0])
    func aClockThatIsPutRightAfterAnActivationHarmsNothing(hours: Double) async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.vendor.issueLicense(
                to: "Globex", Self.terms(.airgapped, gateway), by: gateway.test.actor)
            let end = gateway.test.clock.now + 365 * Self.day
            var skewed = customer
            skewed.skew = hours * 3_600
            #expect(try await skewed.add(key).state == .active)
            #expect(try customer.status.state == .active)
            #expect(try customer.status.failure == nil)
            let clock = gateway.test.clock
            clock.advance(by: end.timeIntervalSince(clock.now) - 1)
            #expect(try customer.status.state == .active)
            clock.advance(by: 1)
            #expect(try customer.status.state == .grace)
        }
    }

    @Test func airgappedHoldsItsTermAfterOneContactAndIsRenewedByOneMore() async throws {
        try await Machine.run { gateway, customer in
            let clock = gateway.test.clock
            let (license, key) = try await gateway.vendor.issueLicense(
                to: "Globex", Self.terms(.airgapped, gateway), by: gateway.test.actor)
            #expect(key.text.reveal().hasPrefix("tg_ag_"))
            #expect(try await customer.add(key).state == .active)
            #expect(try customer.session.nextCheckIn == nil)

            var cut = customer
            cut.isReachable = false
            clock.advance(by: 364 * Self.day)
            #expect(try await cut.session.checkInIfDue().state == .active)
            #expect(try cut.status.warnings.map(\.code) == [.licenseEndingSoon])
            clock.advance(by: 2 * Self.day)
            #expect(try cut.status.state == .grace)
            clock.advance(by: 14 * Self.day)
            #expect(try cut.status.state == .paused)

            let end = clock.now + 365 * Self.day
            _ = try await gateway.vendor.changeLicense(
                license.id, as: "license.renew", by: gateway.test.actor
            ) { $0.expires = end }
            try await gateway.vendor.signMetadata()
            let renewed = try await customer.session.refresh()
            #expect(renewed.state == .active)
            #expect(renewed.until == end)
        }
    }

    @Test func offlineIsTakenWithoutAnyGatewayOrRoot() async throws {
        try await Machine.run { gateway, customer in
            var offline = customer
            offline.isReachable = false
            let (license, token) = try await Self.offlineToken(gateway, for: customer)
            let status = try await offline.session.add(token, trustsOnFirstUse: false)
            #expect(status.state == .active)
            #expect(status.standings.map(\.claims.licenseID) == [license.id])
            #expect(try offline.session.nextCheckIn == nil)
            gateway.test.clock.advance(by: 366 * Self.day)
            #expect(try offline.status.state == .grace)
            gateway.test.clock.advance(by: 14 * Self.day)
            #expect(try offline.status.state == .paused)
            let refused = await #expect(throws: UsageError.self) {
                try await offline.session.refresh()
            }
            #expect(refused?.remedy.contains(customer.identity.id.description) == true)

            // A renewal is another token, added the same way.
            let end = gateway.test.clock.now + 365 * Self.day
            _ = try await gateway.vendor.changeLicense(
                license.id, as: "license.renew", by: gateway.test.actor
            ) { $0.expires = end }
            let renewed = try await gateway.vendor.offlineToken(of: license.id)
            #expect(
                try await offline.session.add(renewed, trustsOnFirstUse: false).until == end)
            // The older one is a replay then.
            let replayed = await #expect(throws: LicenseError.self) {
                try await offline.session.add(token, trustsOnFirstUse: false)
            }
            #expect(replayed?.code == .licenseReplayed)
            #expect(try offline.status.until == end)
        }
    }

    @Test func offlineInTheEnvironmentCountsAndIsNotSaved() async throws {
        try await Machine.run { gateway, customer in
            var offline = customer
            offline.isReachable = false
            let (_, token) = try await Self.offlineToken(gateway, for: customer)
            offline.environment["TOLLGATE_LICENSE_KEY"] = "\n \(token.reveal())\n"
            #expect(try offline.status.state == .active)
            #expect(try offline.session.licenses().map(\.source) == [.environment])
            offline.environment["TOLLGATE_LICENSE_KEY"] = nil
            #expect(throws: LicenseError.self) { try offline.status }
        }
    }

    @Test func offlineOfAnotherInstanceOrVendorIsRefusedAndNothingIsKept() async throws {
        try await Machine.run { gateway, customer in
            let other = try await Machine(gateway, "other")
            let (_, token) = try await Self.offlineToken(gateway, for: other)
            let mismatch = await #expect(throws: LicenseError.self) {
                try await customer.session.add(token, trustsOnFirstUse: false)
            }
            #expect(mismatch?.code == .licenseKeyMismatch)
            #expect(throws: LicenseError.self) { try customer.status }

            // The first vendor's root is here from now on: another's token vouches for nothing.
            let (_, own) = try await Self.offlineToken(gateway, for: customer)
            _ = try await customer.session.add(own, trustsOnFirstUse: false)
            try await TestGateway.run(isAnother: true) { foreign in
                try await foreign.test.publish("@acme/a", "1.0.0")
                let (_, token) = try await Self.offlineToken(foreign, for: customer)
                let unknown = await #expect(throws: LicenseError.self) {
                    try await customer.session.add(token, trustsOnFirstUse: false)
                }
                #expect(unknown?.code == .licenseSignerUnknown)
            }
            #expect(try customer.session.licenses().count == 1)
        }
    }

    @Test func aStandardTokenCannotBePasted() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let token = try #require(try customer.session.savedLicense().tokens.first)
            let error = await #expect(throws: LicenseError.self) {
                try await customer.session.add(token.compact, trustsOnFirstUse: false)
            }
            #expect(error?.code == .licenseTokenFormat)
        }
    }

    @Test func aSuccessorWaitsAndSilencesTheWarning() async throws {
        try await Machine.run { gateway, customer in
            let clock = gateway.test.clock
            let end = clock.now + 10 * Self.day
            let (_, first) = try await Self.offlineToken(gateway, for: customer, days: 10)
            let warned = try await customer.session.add(first, trustsOnFirstUse: false)
            #expect(warned.warnings.map(\.code) == [.licenseEndingSoon])
            let (_, next) = try await Self.offlineToken(gateway, for: customer, begins: end)
            let status = try await customer.session.add(next, trustsOnFirstUse: false)
            #expect(status.warnings.isEmpty)
            #expect(try customer.session.licenses().map(\.state).sorted() == ["active", "waiting"])
            clock.advance(by: 11 * Self.day)
            #expect(try customer.status.state == .active)
        }
    }

    @Test func aMoveLeavesTheFormerInstanceItsWindow() async throws {
        try await Machine.run { gateway, old in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await old.add(key)
            let new = try await Machine(gateway, "moved")
            let mismatch = await #expect(throws: GatewayRefusal.self) { try await new.add(key) }
            #expect(mismatch?.code == .licenseKeyMismatch)

            var moved = new
            moved.environment["TOLLGATE_LICENSE_KEY"] = key.text.reveal()
            #expect(try await moved.session.rebind(nil).state == .active)
            // A lost answer: asked again, the same is answered and no other move is counted.
            try FileManager.default.removeItem(atPath: moved.file("state.json"))
            #expect(try await moved.session.rebind(nil).state == .active)
            let bound = try await gateway.vendor.records.installations.current(
                of: license.id, at: gateway.test.clock.now)
            #expect(bound.count == 2)

            let leaving = try await old.session.refresh()
            #expect(leaving.state == .active)
            #expect(leaving.warnings.map(\.code) == [.licenseInstanceMoving])
            gateway.test.clock.advance(by: 15 * Self.day)
            try await gateway.vendor.signMetadata()
            #expect(try await moved.session.refresh().state == .active)
            await #expect(throws: GatewayRefusal.self) { try await old.session.refresh() }
            #expect(try old.status.state != .active)
        }
    }

    @Test func movesAreLimitedAYear() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            for number in 1...4 {
                var next = try await Machine(gateway, "move-\(number)")
                next.environment["TOLLGATE_LICENSE_KEY"] = key.text.reveal()
                guard number == 4 else {
                    #expect(try await next.session.rebind(nil).state == .active)
                    continue
                }
                let refused = await #expect(throws: GatewayRefusal.self) {
                    try await next.session.rebind(nil)
                }
                #expect(refused?.code == .licenseRebindLimit)
            }
        }
    }

    /// Each would go on with a copy of its token until the end of the term.
    @Test func removingAndAddingElsewhereIsAMove() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"], mode: .airgapped) {
                $0.expires = gateway.test.clock.now + 365 * Self.day
                $0.rebinding.perYear = 0
            }
            try await customer.add(key)
            try await customer.session.remove(license.id)
            let other = try await Machine(gateway, "other")
            let refused = await #expect(throws: GatewayRefusal.self) { try await other.add(key) }
            #expect(refused?.code == .licenseRebindLimit)
            #expect(refused?.message.contains("\(customer.identity.id)") == true)
            #expect(try await customer.add(key).state == .active)
            try await customer.session.remove(license.id)
            // What the vendor frees is free.
            _ = try await gateway.vendor.rebindLicense(
                license.id, to: [], windowDays: 0, by: gateway.test.actor)
            #expect(try await other.add(key).state == .active)
        }
    }
}
