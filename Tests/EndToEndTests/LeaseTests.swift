import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import Logging
import TestSupport
import Testing

/// A gateway that is away for days, with the time passed in: nobody waits.
@Suite struct LeaseTests {
    private let hour: TimeInterval = 3_600

    @Test func theSavedTokenHoldsForItsLeaseAndPausesUntilTheNextCheckIn() async throws {
        try await withTemporaryFolder { folder in
            let start = Date.now
            let customer = try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let first = try await run(customer, at: start)
                #expect(first.exitStatus == .success)
                return customer
            }

            let missed = try await run(customer, at: start + 7 * hour)
            #expect(missed.failures.map(\.code) == [.networkRefused])
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            #expect(try await state(customer, at: start + 7 * hour) == .grace)
            #expect(try await state(customer, at: start + 47 * hour) == .grace)
            #expect(try await state(customer, at: start + 49 * hour) == .paused)

            // Another failure days later does not reopen the lease, and nothing is removed.
            _ = try await run(customer, at: start + 60 * hour)
            #expect(try await state(customer, at: start + 61 * hour) == .paused)
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            let status = try await session(customer, at: start + 61 * hour).savedLicense().status
            #expect(status.failure?.code == .licenseLeaseOver)

            try await TestGateway.serving(in: folder) { gateway in
                var back = customer
                back.environment["TOLLGATE_URL"] = gateway.url
                let report = try await run(back, at: start + 1 * hour)
                #expect(report.exitStatus == .success)
                #expect(try await session(back, at: start + 1 * hour).refresh().state == .active)
            }
        }
    }

    @Test func aClockBehindWhatWasProvenIsSaidAndNothingIsRemoved() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await run(customer, at: .now)

                let longAgo = Date.now - 10 * 365 * 24 * hour
                let report = try await run(customer, at: longAgo)
                #expect(report.failures.contains { $0.code == .clockBehind })
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            }
        }
    }

    private func settings(_ customer: Customer) throws -> Settings {
        try Settings(
            flags: Settings.Flags(applicationVersion: "1.0.0"), environment: customer.environment)
    }

    private func session(_ customer: Customer, at now: Date) async throws -> LicenseSession {
        try await LicenseSession(try settings(customer), now: now)
    }

    private func state(_ customer: Customer, at now: Date) async throws -> LicenseState {
        try await session(customer, at: now).savedLicense().status.state
    }

    private func run(_ customer: Customer, at now: Date) async throws -> Report {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return await DownloadPro(try settings(customer), .init(), now: now, log: log).run()
    }
}
