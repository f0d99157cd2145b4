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

/// Licenses that are set in the environment, beside those that are saved.
@Suite struct LicenseEnvironmentTests {
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
}
