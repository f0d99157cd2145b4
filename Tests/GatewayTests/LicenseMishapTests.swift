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

    @Test func aSavedOfflineLicenseWaitsBehindTheEnvironmentToo() async throws {
        try await Machine.run { gateway, customer in
            let (offline, token) = try await gateway.test.vendor.issueOfflineLicense(
                to: "Beta GmbH",
                LicenseTerms(
                    mode: .offline, expires: gateway.test.clock.now + 90 * 86400,
                    grants: [LicenseTerms.Grant(plugin: "@acme/b", updatesUntil: nil)]),
                for: [customer.identity.id], by: gateway.test.actor)
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            _ = try await customer.session.add(token, trustsOnFirstUse: false)
            var configured = customer
            configured.environment["TOLLGATE_LICENSE_KEY"] = key.text.reveal()
            let status = try await configured.session.refresh()
            #expect(status.entitlements.plugins.map(\.name) == ["@acme/a"])
            let entries = try configured.session.licenses()
            #expect(entries.map(\.state) == ["active", "not used"])
            #expect(entries.map(\.source) == [.environment, .saved])
            let notices = try configured.session.notices()
            #expect(notices.contains { $0.contains(offline.id) && $0.contains("not used") })
            // The same token set beside the key counts, and nothing waits then.
            configured.environment["TOLLGATE_LICENSE_KEY"] =
                "\(key.text.reveal()) \(token.reveal())"
            #expect(
                try configured.status.entitlements.plugins.map(\.name) == ["@acme/a", "@acme/b"])
            #expect(try configured.session.notices() == [])
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
            try FileManager.default.removeItem(atPath: customer.file("license-keys.json"))
            try customer.session.delete(license.id)
            #expect(try FileManager.default.contentsOfDirectory(atPath: tokens) == [])
        }
    }

    /// The token was fetched by the key that is set: only what was remembered of that is lost.
    @Test func aLostStateLosesNoTokenOfTheKeyInTheEnvironment() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            var configured = customer
            configured.environment["TOLLGATE_LICENSE_KEY"] = key.text.reveal()
            _ = try await configured.session.refresh()
            try Data("{".utf8).write(to: URL(filePath: customer.file("state.json")))
            let current = try configured.session.savedLicense()
            #expect(current.tokens.map(\.claims.licenseID) == [license.id])
            #expect(current.status.state == .active)
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
        }
    }

    @Test func whatIsSetIsRefusedByTheNameOfItsSource() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            var configured = customer
            for (text, code) in [
                ("tg_cut", FailureCode.licenseKeyFormat), ("eyJ.x", .licenseTokenFormat),
            ] {
                configured.environment["TOLLGATE_LICENSE_KEY"] = text
                let error = #expect(throws: LicenseError.self) { try configured.session }
                #expect(error?.code == code)
                #expect(error?.message.contains("TOLLGATE_LICENSE_KEY") == true)
                #expect(error?.remedy.contains("remove it there") == true)
            }
            // Blank is what a template leaves of a variable that nobody set.
            configured.environment["TOLLGATE_LICENSE_KEY"] = " \n"
            #expect(try configured.status.state == .active)
        }
    }

    @Test func aLicenseThatWaitsIsShownByItsID() async throws {
        try await Machine.run { gateway, customer in
            let (saved, savedKey) = try await gateway.test.issue(["@acme/a"])
            let (given, givenKey) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(savedKey)
            var configured = customer
            configured.environment["TOLLGATE_LICENSE_KEY"] = givenKey.text.reveal()
            _ = try await configured.session.refresh()
            let session = try configured.session
            #expect(try session.claims(of: nil).map(\.licenseID) == [given.id])
            #expect(try session.claims(of: given.id).map(\.licenseID) == [given.id])
            #expect(try session.claims(of: saved.id).map(\.licenseID) == [saved.id])
            let error = await #expect(throws: LicenseError.self) {
                try await session.add(savedKey.text, trustsOnFirstUse: false)
            }
            #expect(error?.code == .licenseReadOnly)
            #expect(error?.message.hasPrefix("TOLLGATE_LICENSE_KEY has") == true)
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

    @Test func aKeyInTheEnvironmentIsActivatedAndMovedAsTheRemediesSay() async throws {
        try await Machine.run { gateway, customer in
            let (license, key) = try await gateway.test.issue(["@acme/a"])
            let (other, otherKey) = try await gateway.test.issue(["@acme/b"])
            try await customer.add(key)
            var moved = try await Machine(gateway, "moved")
            moved.environment["TOLLGATE_LICENSE_KEY"] =
                "\(otherKey.text.reveal()) \(key.text.reveal())"
            let status = try moved.status
            #expect(status.state == .none)
            #expect(status.failure?.code == .licenseKeyNotFound)
            #expect(status.failure?.message.contains("\(moved.identity.id)") == true)
            #expect(status.failure?.remedy.contains("pkg license refresh") == true)
            let refusal = await #expect(throws: GatewayRefusal.self) {
                try await moved.session.refresh()
            }
            #expect(refusal?.code == .licenseKeyMismatch)
            // What is not set cannot be moved here; what is, can, and nothing else is forgotten.
            let (_, stranger) = try await gateway.test.issue(["@acme/a"])
            await #expect(throws: LicenseError.self) {
                try await moved.session.rebind(pasted: stranger.text, trustsOnFirstUse: false)
            }
            let after = try await moved.session.rebind(pasted: key.text, trustsOnFirstUse: false)
            #expect(after.entitlements.plugins.map(\.name) == ["@acme/a", "@acme/b"])
            let listed = try moved.session.licenses().map(\.standing?.claims.licenseID)
            #expect(Set(listed) == [license.id, other.id])
            #expect(!FileManager.default.fileExists(atPath: moved.file("license-key")))
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
