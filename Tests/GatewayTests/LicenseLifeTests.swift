import CanonicalJSON
import Diagnostics
import Fetcher
import FoundationEssentials
import HTTPTransfer
import Licensing
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// The customer's side and the gateway's, over a socket and on one clock that tests move: days pass in
/// milliseconds, and each step is a session of its own, as after a restart.
struct LicenseLifeTests {
    private static let hour: TimeInterval = 3_600
    private static let day: TimeInterval = 86_400

    @Test func aTokenHoldsFor48HoursPausesAndRecovers() async throws {
        try await Machine.run { gateway, customer in
            let clock = gateway.test.clock
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            let start = clock.now
            #expect(try await customer.add(key).state == .active)
            #expect(try customer.session.nextCheckIn == start + 6 * Self.hour)

            var cut = customer
            cut.isReachable = false
            // Not due: nobody is asked, so nothing fails.
            clock.advance(by: 6 * Self.hour - 1)
            #expect(try await cut.session.checkInIfDue().state == .active)
            clock.advance(by: 1)
            for hours in 6..<48 {
                await #expect(throws: NoGateway.self) { try await cut.session.checkInIfDue() }
                let status = try cut.status
                #expect(status.state == .grace, "\(hours) h")
                #expect(status.until == start + 48 * Self.hour, "\(hours) h")
                #expect(status.warnings.map(\.code) == [.licenseLeaseEnding])
                #expect(try cut.session.nextCheckIn == clock.now + Self.hour)
                clock.advance(by: Self.hour)
            }
            #expect(try cut.status.state == .paused)
            #expect(try cut.status.failure?.code == .licenseLeaseOver)
            // Neither restarts nor failures reopen the 48 hours.
            clock.advance(by: 10 * Self.day)
            await #expect(throws: NoGateway.self) { try await cut.session.checkInIfDue() }
            #expect(try cut.status.state == .paused)

            clock.advance(by: Self.hour)
            try await gateway.vendor.signMetadata()
            let back = try await customer.session.checkInIfDue()
            #expect(back.state == .active)
            #expect(back.warnings.isEmpty)
            #expect(try customer.session.nextCheckIn == clock.now + 6 * Self.hour)
        }
    }

    @Test(arguments: [-3.0, 3.0, -23.0, 23.0])
    func aSkewedClockIsReportedAndNothingElse(hours: Double) async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            var skewed = customer
            skewed.skew = hours * Self.hour
            let status = try await skewed.add(key)
            #expect(status.state == .active)
            #expect(status.clockSkew == Int64(hours * Self.hour))
            #expect(status.warnings.map(\.code) == [.clockSkewed])
            gateway.test.clock.advance(by: 48 * Self.hour - 1)
            #expect(try skewed.status.state == .active)
            gateway.test.clock.advance(by: 1)
            #expect(try skewed.status.state == .paused)
        }
    }

    @Test func aClockSetBackIsBehindWithBothTimes() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            var back = customer
            back.skew = -2 * Self.day
            let failure = try #require(try back.status.failure)
            #expect(failure.code == .clockBehind)
            #expect(failure.message.contains(back.now.wireText))
            #expect(failure.message.contains(customer.now.wireText))
        }
    }

    @Test func aLostAnswerStrandsNobody() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let before = try await gateway.vendor.records.installations.current(
                of: license.id, at: gateway.test.clock.now)
            // The answer was sent and never kept.
            for name in ["state.json", "license-key", "tokens"] {
                try FileManager.default.removeItem(atPath: customer.file(name))
            }
            #expect(try await customer.add(key).state == .active)
            let after = try await gateway.vendor.records.installations.current(
                of: license.id, at: gateway.test.clock.now)
            #expect(after.map(\.id) == before.map(\.id))
        }
    }

    @Test func anInstallationThatTheVendorFreedActivatesAgain() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let installations = gateway.vendor.records.installations
            for installation in try await installations.current(
                of: license.id, at: gateway.test.clock.now)
            {
                try await installations.release(
                    installation.id, by: gateway.test.actor, at: customer.now)
            }
            #expect(try await customer.session.refresh().state == .active)
            #expect(
                try await installations.current(of: license.id, at: gateway.test.clock.now).count
                    == 1)
        }
    }

    @Test func anOlderTokenThatComesBackIsReplayed() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a", "@acme/b"])
            try await customer.add(key)
            let folder = customer.file("tokens")
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).first)
            let older = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            _ = try await gateway.vendor.changeLicense(
                license.id, as: "license.edit", by: gateway.test.actor
            ) { $0.grants.removeAll { $0.plugin == "@acme/b" } }
            #expect(try await customer.session.refresh().entitlements.plugins.count == 1)
            try older.write(to: URL(filePath: "\(folder)/\(name)"))
            #expect(try customer.status.failure?.code == .licenseReplayed)
            #expect(try await customer.session.refresh().state == .active)
        }
    }

    @Test func severalLicensesAreJoinedAndEachHasItsOwnCheckIns() async throws {
        try await Machine.run { gateway, customer in
            let clock = gateway.test.clock
            let (first, firstKey) = try await gateway.test.issue(["@acme/a"])
            let (second, secondKey) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(firstKey)
            clock.advance(by: Self.hour)
            let both = try await customer.add(secondKey)
            #expect(both.entitlements.plugins.map(\.name) == ["@acme/a", "@acme/b"])
            #expect(try customer.session.nextCheckIn == clock.now + 5 * Self.hour)
            #expect(
                try Set(customer.session.licenses().compactMap(\.standing?.claims.licenseID))
                    == [first.id, second.id])

            // One that is revoked does not take from the other what it grants.
            _ = try await gateway.vendor.records.licenses.change(
                first.id, as: "license.revoke", by: gateway.test.actor, at: clock.now
            ) { $0.status = .revoked }
            let left = try await customer.session.refresh()
            #expect(left.state == .active)
            #expect(left.entitlements.plugins.map(\.name) == ["@acme/b"])
            #expect(left.warnings.map(\.code) == [.licenseRevoked])
            #expect(try customer.session.licenses().map(\.state).sorted() == ["active", "revoked"])

            try customer.session.delete(first.id)
            #expect(try customer.status.warnings.isEmpty)
            #expect(try customer.session.licenses().map(\.state) == ["active"])
            // Forgotten here, and still bound there.
            let bound = try await gateway.vendor.records.installations.current(
                of: first.id, at: gateway.test.clock.now)
            #expect(bound.count == 1)

            try await customer.session.remove(second.id)
            #expect(
                try await gateway.vendor.records.installations.current(
                    of: second.id, at: gateway.test.clock.now
                ).isEmpty)
            let none = #expect(throws: LicenseError.self) { try customer.session.savedLicense() }
            #expect(none?.code == .licenseKeyNotFound)
            let again = #expect(throws: LicenseError.self) {
                try customer.session.delete(second.id)
            }
            #expect(again?.code == .licenseNotSaved || again?.code == .licenseKeyNotFound)
        }
    }

    @Test func removingNeedsTheGatewayAndForgetsNothingWithoutIt() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            var cut = customer
            cut.isReachable = false
            await #expect(throws: NetworkError.self) {
                try await cut.session.remove(license.id)
            }
            #expect(try customer.status.state == .active)
        }
    }

    @Test func whatTheEnvironmentSetsWinsAndMakesTheRestReadOnly() async throws {
        try await Machine.run { gateway, customer in
            let (saved, savedKey) = try await gateway.test.issue(["@acme/a"])
            let (given, givenKey) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(savedKey)
            var configured = customer
            configured.environment["TOLLGATE_LICENSE_KEY"] = givenKey.text.reveal()
            #expect(try configured.session.awaitsActivation)
            let status = try await configured.session.refresh()
            #expect(status.entitlements.plugins.map(\.name) == ["@acme/b"])
            #expect(try configured.session.isReadOnly)
            let entries = try configured.session.licenses()
            #expect(entries.map(\.state) == ["active", "not used"])
            #expect(entries.map(\.source) == [.environment, .saved])
            #expect(try configured.session.notices().count == 1)

            for verb in ["add", "delete", "remove"] {
                let error = await #expect(throws: LicenseError.self) {
                    switch verb {
                    case "add": try await configured.add(savedKey)
                    case "delete": try configured.session.delete(saved.id)
                    default: try await configured.session.remove(given.id)
                    }
                }
                #expect(error?.code == .licenseReadOnly, "\(verb)")
            }
            // Without the variable everything is as it was.
            #expect(
                try customer.status.entitlements.plugins.map(\.name) == ["@acme/a", "@acme/b"])
        }
    }

    @Test func aKeyThatTheEnvironmentReplacedIsForgotten() async throws {
        try await Machine.run { gateway, customer in
            let (_, oldKey) = try await gateway.test.issue(["@acme/a"])
            let (_, newKey) = try await gateway.test.issue(["@acme/b"])
            var machine = customer
            machine.environment["TOLLGATE_LICENSE_KEY"] = oldKey.text.reveal()
            _ = try await machine.session.refresh()
            machine.environment["TOLLGATE_LICENSE_KEY"] = newKey.text.reveal()
            _ = try await machine.session.refresh()
            machine.environment["TOLLGATE_LICENSE_KEY"] = nil
            #expect(try machine.status.entitlements.plugins.map(\.name) == ["@acme/b"])
        }
    }

    @Test func seatsAreCountedHereAndOnlyTheirNumberIsTold() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let rows = [
                SeatRow(id: "alice@globex.example", status: .active, lastSeen: customer.now),
                SeatRow(id: "bob@globex.example", status: .suspended, lastSeen: customer.now),
            ]
            try customer.session.save(SeatCount(rows, now: customer.now))
            let payload = try #require(try customer.session.payloads().first)
            #expect(payload["seats"]?.integer == 1)
            #expect(payload["counter"]?.integer == 1)
            _ = try await customer.session.refresh()
            let report = try #require(
                try await gateway.vendor.records.installations.current(
                    of: license.id, at: gateway.test.clock.now
                ).first?.report)
            #expect(report["seats"]?.integer == 1)
            #expect(!String(decoding: report.compactBytes, as: UTF8.self).contains("globex"))
        }
    }

    @Test func thePayloadOfAnActivationMasksItsKey() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            var machine = customer
            machine.environment["TOLLGATE_LICENSE_KEY"] = key.text.reveal()
            let payload = try #require(try machine.session.payloads().first)
            #expect(payload["type"]?.string == "register")
            #expect(payload["license_key"]?.string == "tg_•••")
        }
    }
}
