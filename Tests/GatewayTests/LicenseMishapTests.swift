import Diagnostics
import Fetcher
import Foundation
import FoundationEssentials
import Gateway
import Licensing
import SignedMetadata
import Storage
import SystemPackage
import Testing

/// What goes wrong with a license on the customer's machine, and what then helps.
@Suite struct LicenseMishapTests {
    @Test func aLostRootIsVouchedForByTheActivatedKey() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let root = try #require(
                FileManager.default.contents(atPath: customer.file("root.json")))
            try FileManager.default.removeItem(atPath: customer.file("root.json"))
            #expect(try await customer.session.refresh().state == .active)
            #expect(FileManager.default.contents(atPath: customer.file("root.json")) == root)
        }
    }

    @Test func aDamagedRootIsSaidWithWhatHelps() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            try Data("{".utf8).write(to: URL(filePath: customer.file("root.json")))
            let error = await #expect(throws: TrustError.self) {
                try await customer.session.refresh()
            }
            #expect(error?.code == .trustMalformed)
            #expect(error?.remedy.contains("delete the file") == true)
            let status = #expect(throws: TrustError.self) { try customer.status }
            #expect(status?.code == .trustMalformed)
            #expect(status?.message.contains(customer.file("root.json")) == true)
        }
    }

    @Test func aLicenseIsMovedToAMachineThatDoesNotHaveItsKey() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let moved = try await Machine(gateway, "moved")
            let refusal = await #expect(throws: GatewayRefusal.self) { try await moved.add(key) }
            #expect(refusal?.code == .licenseKeyMismatch)
            let none = await #expect(throws: LicenseError.self) {
                try await moved.session.rebind(nil)
            }
            #expect(none?.remedy.contains("pkg license rebind --key") == true)
            let status = try await moved.session.rebind(pasted: key.text, trustsOnFirstUse: false)
            #expect(status.state == .active)
            // The key is kept: what follows is an ordinary check-in.
            #expect(try await moved.session.refresh().state == .active)
            #expect(try moved.session.licenses().map(\.standing?.claims.licenseID) == [license.id])
        }
    }

    @Test func aRefusedRefreshIsToldWhileTheLeaseHolds() async throws {
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
            try await Machine(gateway, "other").add(key)
            let refusal = await #expect(throws: GatewayRefusal.self) {
                try await customer.session.refresh()
            }
            #expect(refusal?.code == .licenseKeyMismatch)
            let status = try customer.status
            #expect(status.state == .active)
            #expect(status.warnings.map(\.code) == [.licenseKeyMismatch])
        }
    }

    @Test func aLineThatIsNoKeyLocksNothingUp() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            let (_, other) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(key)
            let file = URL(filePath: customer.file("license-key"))
            try Data("tg_CUTOFF\r\n\(key.text.reveal())\r\n".utf8).write(to: file)
            #expect(try customer.status.state == .active)
            #expect(try customer.session.notices().count { $0.contains("license-key") } == 1)
            #expect(try await customer.session.refresh().state == .active)
            try await customer.add(other)
            #expect(
                try String(contentsOf: file, encoding: .utf8)
                    == "\(key.text.reveal())\n\(other.text.reveal())\n")
            #expect(try customer.session.notices() == [])
        }
    }

    @Test func aFolderWithNothingButDamageIsNoMissingKey() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try Data("tg_CUTOFF".utf8).write(to: URL(filePath: customer.file("license-key")))
            let error = #expect(throws: LicenseError.self) { try customer.status }
            #expect(error?.code == .licenseState)
            #expect(error?.remedy.contains("pkg license add") == true)
            #expect(try await customer.add(key).state == .active)
        }
    }

    @Test func aLicenseWhoseTokenIsNotBelievedIsListedAndCanBeDeleted() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let tokens = customer.file("tokens")
            for name in try FileManager.default.contentsOfDirectory(atPath: tokens) {
                try Data("eyJ".utf8).write(to: URL(filePath: "\(tokens)/\(name)"))
            }
            #expect(try customer.session.licenses().map(\.state) == ["no token"])
            try FileManager.default.removeItem(atPath: customer.file("license-key"))
            try FileManager.default.removeItem(atPath: customer.file("root.json"))
            try customer.session.delete(license.id)
            #expect(try FileManager.default.contentsOfDirectory(atPath: tokens) == [])
        }
    }

    /// Its count begins anew, which a second machine's does not.
    @Test func anInstanceThatRegistersAgainIsNotTakenForTwo() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            func alarms() async throws -> Int {
                try await gateway.vendor.records.audit.entries(about: license.id)
                    .count { $0.action == "check-in.counter-repeated" }
            }
            try await customer.add(key)
            for _ in 1...3 { _ = try await customer.session.refresh() }
            _ = try await customer.session.rebind(license.id)
            _ = try await customer.session.refresh()
            #expect(try await alarms() == 0)
            let copied = gateway.test.folder.appending("copied")
            try FileManager.default.createDirectory(
                atPath: copied.string, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: customer.storage.string, toPath: copied.appending("storage").string)
            let copy = try await Machine(gateway, "copied")
            try FileManager.default.removeItem(atPath: customer.file("state.json"))
            _ = try await customer.session.refresh()
            _ = try await customer.session.refresh()
            #expect(try await alarms() == 0)
            _ = try await copy.session.refresh()
            _ = try await customer.session.refresh()
            #expect(try await alarms() == 1)
            // Whoever looks is told, until an answer says otherwise.
            let told = try (customer.session.notices() + copy.session.notices())
                .filter { $0.contains("Two machines seem to answer") }
            #expect(told.count == 1)
            #expect(told.first?.hasPrefix("the gateway says: ") == true)
        }
    }

    /// It activates anew each time, and then the other one still goes on with its count.
    @Test func aCopyThatForgetsItsStateIsFlagged() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let copied = gateway.test.folder.appending("copied")
            try FileManager.default.createDirectory(
                atPath: copied.string, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: customer.storage.string, toPath: copied.appending("storage").string)
            let copy = try await Machine(gateway, "copied")
            for _ in 1...3 {
                try FileManager.default.removeItem(atPath: copy.file("state.json"))
                _ = try await copy.session.refresh()
                _ = try await customer.session.refresh()
            }
            let installations = try await gateway.vendor.records.installations.all(of: license.id)
            #expect(installations.count == 1)
            #expect(installations.first?.flagged == gateway.test.clock.now)
        }
    }

    /// What `pkg plugins restore` asks: a license without a network is not refused for it.
    @Test(arguments: [LicenseMode.offline, .airgapped, .standard])
    func aLicenseIsRefreshedIfItCanBe(_ mode: LicenseMode) async throws {
        try await Machine.run { gateway, customer in
            let terms = LicenseTerms(
                mode: mode, expires: gateway.test.clock.now + 90 * 86400,
                grants: [LicenseTerms.Grant(plugin: "@acme/a", updatesUntil: nil)])
            if mode == .offline {
                let (_, token) = try await gateway.test.vendor.issueOfflineLicense(
                    to: "Beta GmbH", terms, for: [customer.identity.id], by: gateway.test.actor)
                _ = try await customer.session.add(token, trustsOnFirstUse: false)
            } else {
                let (_, key) = try await gateway.test.vendor.issueLicense(
                    to: "Beta GmbH", terms, by: gateway.test.actor)
                try await customer.add(key)
            }
            #expect(try await customer.session.refreshIfPossible().state == .active)
            var cut = customer
            cut.isReachable = false
            if mode == .standard {
                await #expect(throws: (any Error).self) {
                    try await cut.session.refreshIfPossible()
                }
            } else {
                #expect(try await cut.session.refreshIfPossible().state == .active)
            }
        }
    }

    @Test func anOfflineLicenseOfAnotherInstanceIsNotMovedByAKey() async throws {
        try await Machine.run { gateway, customer in
            let (_, token) = try await gateway.test.vendor.issueOfflineLicense(
                to: "Beta GmbH",
                LicenseTerms(
                    mode: .offline, expires: gateway.test.clock.now + 90 * 86400,
                    grants: [LicenseTerms.Grant(plugin: "@acme/a", updatesUntil: nil)]),
                for: [customer.identity.id], by: gateway.test.actor)
            let other = try await Machine(gateway, "other")
            let error = await #expect(throws: LicenseError.self) {
                try await other.session.add(token, trustsOnFirstUse: false)
            }
            #expect(error?.code == .licenseKeyMismatch)
            #expect(error?.remedy.contains("\(other.identity.id)") == true)
            #expect(error?.remedy.contains("rebind") == false)
        }
    }

    @Test func whyNothingIsRemovedNamesTheLicense() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            let (revoked, revokedKey) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(key)
            try await customer.add(revokedKey)
            _ = try await gateway.vendor.records.licenses.change(
                revoked.id, as: "license.revoke", by: gateway.test.actor,
                at: gateway.test.clock.now
            ) { $0.status = .revoked }
            _ = try await customer.session.refresh()
            #expect(
                try customer.session.savedLicense().removalsRefused
                    == "the license \(revoked.id) is revoked and may have it")
        }
    }
}
