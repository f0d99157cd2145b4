import Diagnostics
import Fetcher
import Foundation
import FoundationEssentials
import Gateway
import Licensing
import SignedMetadata
import Storage
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
}
