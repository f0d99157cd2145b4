import CanonicalJSON
import Cryptography
import Diagnostics
import Fetcher
import Foundation
import FoundationEssentials
import Licensing
import SystemPackage
import Testing

/// What is written into the storage folder by hand is not believed.
@Suite struct ForgedLicenseTests {
    /// Each file is one that a key list might be read from.
    @Test(arguments: [
        ".license/license-keys.json", "plugins/.pkg/metadata/files/keys%2Flicense.json",
        "plugins/.pkg/metadata/targets.json", "plugins/.pkg/metadata/root.json",
        "plugins/.pkg/metadata/2.root.json",
    ])
    func aTokenOfAKeyThatTheVendorDidNotSignIsRefused(_ file: String) async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let forger = try PrivateKey.generate(.ed25519)
            let forged = try LicenseSigner(key: forger).sign(
                LicenseClaims(
                    issuer: gateway.base, licenseID: "lic_forged", tokenID: "1",
                    issued: gateway.test.clock.now, expires: gateway.test.clock.now + 86_400,
                    mode: .offline, sequence: 1,
                    instances: [InstanceBinding(id: customer.identity.id)],
                    plugins: [PluginEntitlement(name: "@acme/b")]))
            var keys = LicenseKeySet()
            try keys.add(forger.publicKey)
            let storage = URL(filePath: customer.storage.string)
            try Data(keys.jwks).write(to: storage.appending(path: file))
            try Data(forged.compact.reveal().utf8)
                .write(to: URL(filePath: customer.file("tokens/forged.jwt")))
            let session = try customer.session
            let status = try session.savedLicense().status
            #expect(status.standings.map(\.claims.licenseID).contains("lic_forged") == false)
            #expect(status.state == .active)
            #expect(status.entitlements.plugins.map(\.name) == ["@acme/a"])
            #expect(try session.notices().contains { $0.contains("license.signer-unknown") })
        }
    }

    @Test func aSetTokenWhoseRootDoesNotFollowLeavesTheOthersTheirs() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            let forged = try LicenseSigner(key: try PrivateKey.generate(.ed25519)).sign(
                LicenseClaims(
                    issuer: gateway.base, licenseID: "lic_forged", tokenID: "1",
                    issued: gateway.test.clock.now, expires: gateway.test.clock.now + 86_400,
                    mode: .offline, sequence: 1,
                    instances: [InstanceBinding(id: customer.identity.id)], plugins: [],
                    root: ["signed": [:], "signatures": []]))
            var configured = customer
            configured.environment["TOLLGATE_LICENSE_KEY"] =
                "\(forged.compact.reveal()) \(key.text.reveal())"
            #expect(try configured.status.state == .active)
            #expect(
                try configured.session.notices().contains { $0.contains("license.signer-unknown") })
        }
    }

    /// What earlier runs left is enough without a network, also when the root's own list is older.
    @Test func theSavedMetadataSaysTheKeysWithoutANetwork() async throws {
        try await Machine.run { gateway, customer in
            let (_, key) = try await gateway.test.issue(["@acme/a"])
            try await customer.add(key)
            var away = customer
            away.isReachable = false
            #expect(try away.status.state == .active)
            let files = "\(customer.storage)/plugins/.pkg/metadata"
            try FileManager.default.removeItem(atPath: files)
            // Then the root's list stands in.
            #expect(try away.status.state == .active)
        }
    }
}
