import Diagnostics
import FoundationEssentials
import Testing

@testable import Licensing

struct MergingTests {
    private let now = Samples.now
    private let day = Samples.day

    private func offline(
        _ id: String, from begins: Date? = nil, to ends: Date?,
        plugins: [PluginEntitlement] = [], _ change: (inout LicenseClaims) -> Void = { _ in }
    ) -> LicenseClaims {
        Samples.offline {
            $0.licenseID = id
            $0.notBefore = begins
            $0.termEnds = ends
            $0.expires = ends
            $0.graceUntil = nil
            $0.plugins = plugins
            change(&$0)
        }
    }

    @Test func bestOfEachEntitlementCounts() {
        let status = Samples.status(
            offline(
                "a", to: now + 90 * day,
                plugins: [
                    PluginEntitlement(name: "@acme/x", updatesUntil: now),
                    PluginEntitlement(name: "@acme/y", updatesUntil: now),
                    PluginEntitlement(name: "@acme/z", channels: ["stable"]),
                ]
            ) { $0.limits = ["seats": 10, "spaces": 1] },
            offline(
                "b", to: now + 90 * day,
                plugins: [
                    PluginEntitlement(name: "@acme/y"),
                    PluginEntitlement(name: "@acme/x", updatesUntil: now + day),
                    PluginEntitlement(name: "@acme/z", channels: ["beta"]),
                ]
            ) { $0.limits = ["seats": 25] })
        let plugins = status.entitlements.plugins
        #expect(plugins.map(\.name) == ["@acme/x", "@acme/y", "@acme/z"])
        #expect(plugins.map(\.updatesUntil) == [now + day, nil, nil])
        #expect(plugins.map(\.channels) == [nil, nil, ["stable", "beta"]])
        // What each license grants of it by itself is known.
        #expect(plugins[2].grants.map(\.license) == ["a", "b"])
        #expect(plugins[2].grants.map(\.channels) == [["stable"], ["beta"]])
        #expect(status.entitlements.limits == ["seats": 25, "spaces": 1])
    }

    @Test func oneGoodLicenseIsEnoughAndTheOtherIsNamed() {
        let status = Samples.status(
            offline("a", to: now, plugins: [PluginEntitlement(name: "@acme/x")]) {
                $0.afterTerm = .pause
            },
            offline("b", to: now + 90 * day, plugins: [PluginEntitlement(name: "@acme/y")]))
        #expect(status.state == .active)
        #expect(status.failure == nil)
        #expect(status.warnings.map(\.code) == [.licensePaused])
        #expect(status.entitlements.plugin(named: "@acme/x")?.isPaused == true)
        #expect(status.entitlements.plugin(named: "@acme/y")?.isPaused == false)
        #expect(status.permitsNewDownloads)
        #expect(!status.permitsRemovals)
    }

    @Test func pluginOfTwoLicensesIsNotPausedByOne() {
        let plugin = PluginEntitlement(name: "@acme/x", updatesUntil: now + day)
        let status = Samples.status(
            offline("a", to: now, plugins: [PluginEntitlement(name: "@acme/x")]) {
                $0.afterTerm = .pause
            },
            offline("b", to: now + 90 * day, plugins: [plugin]))
        #expect(status.entitlements.plugins.map(\.license) == ["b"])
        #expect(status.entitlements.plugins.map(\.isPaused) == [false])
        #expect(status.entitlements.plugins.map(\.updatesUntil) == [now + day])
    }

    @Test func refusedLicenseForbidsRemovals() {
        let status = Samples.status(
            offline("a", to: now + 90 * day) { $0.instances = [] },
            offline("b", to: now + 90 * day))
        #expect(status.state == .active)
        #expect(status.warnings.map(\.code) == [.licenseKeyMismatch])
        #expect(!status.permitsRemovals)
    }

    @Test func successorWithoutAGapSilencesTheWarning() {
        let present = offline("a", to: now + 10 * day)
        #expect(Samples.status(present).warnings.map(\.code) == [.licenseEndingSoon])
        let follows = offline("b", from: now + 10 * day, to: now + 375 * day)
        let status = Samples.status(present, follows)
        #expect(status.warnings.isEmpty)
        #expect(status.until == now + 375 * day)
        #expect(status.permitsRemovals)
    }

    @Test func successorWithAGapDoesNot() {
        let late = offline("b", from: now + 10 * day + 2, to: now + 375 * day)
        let status = Samples.status(offline("a", to: now + 10 * day), late)
        #expect(status.warnings.map(\.code) == [.licenseEndingSoon])
        #expect(status.until == now + 10 * day)
    }

    @Test func chainOfSuccessorsIsJoinedInAnyOrder() {
        let chain = [
            offline("c", from: now + 20 * day, to: nil),
            offline("a", to: now + 10 * day),
            offline("b", from: now + 10 * day, to: now + 20 * day),
        ]
        for tokens in [chain, chain.reversed()] {
            let status = evaluate(
                tokens.map(Samples.token), instance: Samples.instance, facts: nil,
                memory: LicenseMemory(), now: now)
            #expect(status.until == nil)
            #expect(status.warnings.isEmpty)
        }
    }

    /// As `tollgate licenses issue` writes them: `--expires` is a day's last second, `--starts` a
    /// day's first.
    @Test func termsOfWholeDaysFollowEachOtherWithoutAGap() throws {
        func time(_ text: String) throws -> Date {
            try Date(text, strategy: Date.ISO8601FormatStyle())
        }
        let endOfAll = try time("2028-12-05T23:59:59Z")
        let chain = try [
            offline("a", to: time("2026-12-05T23:59:59Z")),
            offline("b", from: time("2026-12-06T00:00:00Z"), to: time("2027-12-05T23:59:59Z")),
            offline("c", from: time("2027-12-06T00:00:00Z"), to: endOfAll),
        ]
        for tokens in [chain, chain.reversed()] {
            let status = evaluate(
                tokens.map(Samples.token), instance: Samples.instance, facts: nil,
                memory: LicenseMemory(), now: now)
            #expect(status.warnings.isEmpty)
            #expect(status.until == endOfAll)
        }
    }

    @Test func newerTokenOfTheSameLicenseReplacesTheOlderSilently() {
        let older = Samples.standard { $0.expires = now }
        let newer = Samples.standard { $0.issued = now }
        let changed = Samples.standard {
            $0.sequence = 4
            $0.plugins = []
        }
        for tokens in [[older, newer, changed], [changed, newer, older]] {
            let status = evaluate(
                tokens.map(Samples.token), instance: Samples.instance, facts: nil,
                memory: LicenseMemory(), now: now)
            #expect(status.state == .active)
            #expect(status.warnings.isEmpty)
            #expect(status.entitlements.plugins.isEmpty)
            #expect(status.permitsRemovals)
        }
    }

    @Test func revokedSuccessorIsNotUndoneByKeepingTheOldToken() {
        let revoked = Samples.standard {
            $0.sequence = 4
            $0.status = .revoked
        }
        let status = Samples.status(Samples.standard(), revoked)
        #expect(status.state == .invalid)
        #expect(status.failure?.code == .licenseRevoked)
    }
}
