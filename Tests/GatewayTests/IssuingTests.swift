import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Storage
import Testing

@testable import Gateway

struct IssuingTests {
    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        var account = "Beta GmbH"
        let change: @Sendable (inout LicenseTerms) throws -> Void
    }

    static let refusals = [
        Refusal(testDescription: "grace past the year 9999") {
            $0.expires = try moment("9999-12-31", ofDay: .end, in: .gmt)
        },
        Refusal(testDescription: "term before 2000") {
            $0.expires = try moment("1969-01-01", ofDay: .end, in: .gmt)
        },
        Refusal(testDescription: "update period before 2000") {
            $0.grants[0].updatesUntil = try moment("1960-01-01", ofDay: .end, in: .gmt)
        },
        Refusal(testDescription: "lease past the year 9999") {
            $0.checkIn = LicenseTerms.checkIn(leaseHours: 100_000_000)
        },
        Refusal(testDescription: "too much grace") { $0.graceDays = 3651 },
        Refusal(testDescription: "negative grace") { $0.graceDays = -1 },
        Refusal(testDescription: "negative seats") { $0.limits["seats"] = -1 },
        Refusal(testDescription: "unknown channel") { $0.channels = ["nightly"] },
        Refusal(testDescription: "unknown zone") { $0.timezone = "Mars/Olympus" },
        Refusal(testDescription: "longer than a token") {
            $0.features[String(repeating: "x", count: 64 << 10)] = 1
        },
        Refusal(testDescription: "no account", account: "") { _ in },
        Refusal(testDescription: "an account of white space", account: " \u{A0} ") { _ in },
        Refusal(testDescription: "two lines of account", account: "a\nb") { _ in },
    ]

    @Test(arguments: refusals) func refusesWhatCouldNeverBeActivated(_ refusal: Refusal)
        async throws
    {
        try await withTestVendor { test, _ in
            let (license, _) = try await test.issue(["@acme/x"])
            var terms = license.terms
            try refusal.change(&terms)
            await #expect(throws: UsageError.self) {
                try await test.vendor.issueLicense(to: refusal.account, terms, by: test.actor)
            }
            if refusal.account == "Beta GmbH" {
                await #expect(throws: UsageError.self) {
                    try await test.vendor.changeLicense(
                        license.id, as: "license.edit", by: test.actor, refusal.change)
                }
            }
            #expect(try await test.vendor.records.licenses.all() == [license])
        }
    }

    @Test func takesTheLastTermThereIs() async throws {
        try await withTestVendor { test, _ in
            let (license, _) = try await test.issue(["@acme/x"])
            let changed = try await test.vendor.changeLicense(
                license.id, as: "license.renew", by: test.actor
            ) {
                $0.expires = try moment("8999-12-31", ofDay: .end, in: .gmt)
                $0.graceDays = LicenseTerms.maximumGraceDays
            }
            #expect(changed.sequence == 2)
        }
    }

    @Test func aRevokedLicenseIsNotChanged() async throws {
        try await withTestVendor { test, _ in
            let (license, _) = try await test.issue(["@acme/x"], status: .revoked)
            await #expect(throws: UsageError.self) {
                try await test.vendor.changeLicense(
                    license.id, as: "license.renew", by: test.actor
                ) { $0.expires = nil }
            }
        }
    }

    @Test func aPluginWithoutReleaseIsUnknown() async throws {
        try await withTestVendor { test, _ in
            try await test.publish("@acme/x", "1.0.0")
            try await test.vendor.checkPublished(["@acme/x"])
            await #expect(throws: UsageError.self) {
                try await test.vendor.checkPublished(["@acme/x", "@acme/y"])
            }
        }
    }

    /// A record from before the bounds, or from a damaged disk.
    @Test(arguments: [1e18, -1e18, 253_402_300_799, -1])
    func anActivationThatFailsDoesNotHoldTheLicense(_ seconds: Double) async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            _ = try await gateway.vendor.records.licenses.change(
                license.id, as: "test", by: gateway.test.actor, at: gateway.test.clock.now
            ) {
                $0.terms.expires = Date(timeIntervalSince1970: seconds)
                $0.terms.graceDays = 14
            }
            let response = try await TestInstance(gateway).send(register: key)
            #expect(response.status == 500)
            #expect(
                try await gateway.vendor.records.installations.all().isEmpty)
            #expect(try await gateway.send("GET", "/healthz").status == 200)
        }
    }

    struct Day: CustomTestStringConvertible {
        let zone: String
        let day: String
        let end: String
        var testDescription: String { "\(day) in \(zone)" }
    }

    @Test(arguments: [
        Day(zone: "UTC", day: "2026-12-31", end: "2026-12-31T23:59:59Z"),
        Day(zone: "Europe/Berlin", day: "2026-03-29", end: "2026-03-29T21:59:59Z"),
        Day(zone: "Europe/Berlin", day: "2026-10-25", end: "2026-10-25T22:59:59Z"),
        // The clock goes from 0:00 to 1:00 on the 6th: that day begins and the one before ends at 4:00.
        Day(zone: "America/Santiago", day: "2026-09-05", end: "2026-09-06T03:59:59Z"),
        Day(zone: "America/Santiago", day: "2026-09-06", end: "2026-09-07T02:59:59Z"),
    ])
    func aDayEndsWhereTheNextBegins(_ day: Day) throws {
        let zone = try timeZone(day.zone)
        #expect(try moment(day.day, ofDay: .end, in: zone).wireText == day.end)
    }

    @Test(arguments: [
        "2027-02-31", "2027-02-31T00:00:00Z", "2027-01-01T25:00:00Z", "2027-01-01T10:00:00Zx",
        "2027-01-01x", "2027-1-1", "", "2027-13-01", "tomorrow",
    ])
    func refusesWhatIsNoDay(_ text: String) {
        #expect(throws: UsageError.self) { try moment(text, ofDay: .end, in: .gmt) }
    }

    @Test func graceIsCountedInDaysOfTheCalendar() throws {
        let zone = try timeZone("Europe/Berlin")
        let terms = LicenseTerms(
            expires: try moment("2026-03-20", ofDay: .end, in: zone), graceDays: 14,
            timezone: "Europe/Berlin", grants: [])
        #expect(terms.graceUntil == (try moment("2026-04-03", ofDay: .end, in: zone)))
    }
}
