import Diagnostics
import Fetcher
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Installations with a real gateway: a healthy one, and what the gateway's side can break.
@Suite struct DoctorLicenseTests {
    @Test func aHealthyInstallationHasNothing() async throws {
        try await withInstallation { _, customer, _ in
            let before = try await customer.listing()
            let found = try await customer.doctor()
            #expect(found.failed.isEmpty)
            #expect(found.status == 0)
            #expect(found.messages["trust.metadata"]?.contains("of Acme") == true)
            #expect(found.messages["license.entitlements"] == "2 plugins")
            #expect(try await customer.listing() == before, "nothing is changed")

            // What it says of a new machine: nothing is activated, nothing made.
            let fresh = try Customer(
                in: customer.storage.removingLastComponent(),
                gateway: customer.environment["TOLLGATE_URL"] ?? "",
                key: customer.environment["TOLLGATE_LICENSE_KEY"], named: "fresh")
            let unseen = try await fresh.doctor()
            #expect(unseen.failed.isEmpty)
            #expect(unseen.warned["license.status"] == ["license.not-activated"])
            #expect(!FileManager.default.fileExists(atPath: fresh.storage.string))
        }
    }

    @Test func aLicenseOfAnotherInstance() async throws {
        try await withInstallation { _, customer, _ in
            var moved = customer
            moved.environment["TOLLGATE_INSTANCE_ID"] = "another"
            let found = try await moved.doctor()
            #expect(found.failed == ["license.binding": ["license.key-mismatch"]])
            #expect(found.status == 4)
        }
    }

    @Test func aLicenseThatIsSuspendedOrEmpty() async throws {
        try await withInstallation { gateway, customer, license in
            for plugin in ["@acme/a", "@acme/b"] {
                try await gateway.tollgate(["licenses", "edit", license, "--remove-plugin", plugin])
            }
            _ = try await customer.pkg("license", "refresh")
            let empty = try await customer.doctor()
            #expect(empty.warned["license.entitlements"] == ["license.no-plugins"])
            #expect(empty.status == 0)

            try await gateway.tollgate(["licenses", "suspend", license])
            _ = try await customer.pkg("license", "refresh")
            let suspended = try await customer.doctor()
            #expect(suspended.failed == ["license.status": ["license.suspended"]])
        }
    }

    @Test func rootsThatAreNotTheVendors() async throws {
        try await withInstallation { gateway, customer, _ in
            let root = "\(customer.storage)/.license/root.json"
            let other = gateway.folder.appending("other")
            try FileManager.default.createDirectory(
                atPath: other.string, withIntermediateDirectories: true)
            try await TestGateway.serving(in: other, initial: ["--rule", "range"]) { foreign in
                let metadata = try await run(
                    "/usr/bin/curl", ["-sf", "\(foreign.url)/metadata/1.root.json"])
                try Data(metadata.output.utf8).write(to: URL(filePath: root))
            }
            let found = try await customer.doctor()
            #expect(found.failed["trust.metadata"] == ["trust.unsigned"], "\(found.failed)")
            #expect(found.status == 6)

            try Data("{}".utf8).write(to: URL(filePath: root))
            let broken = try await customer.doctor()
            #expect(broken.failed["trust.root"] == ["trust.malformed"])
        }
    }

    /// The doctor itself, at another time: years later everything that holds for a while is over.
    @Test func yearsLater() async throws {
        try await withInstallation { _, customer, _ in
            let reading = SettingsReading(
                flags: Settings.Flags(applicationVersion: "1.0.0"),
                environment: customer.environment)
            let later = Date.now.addingTimeInterval(20 * 365 * 86_400)
            let diagnosis = await Doctor(reading, now: later).examine()
            var failed: [String: String] = [:]
            for finding in diagnosis.findings where finding.state == .failed {
                failed[finding.check] = finding.failure?.code.name
            }
            #expect(failed["gateway.clock"] == "clock.skewed")
            #expect(failed["trust.metadata"] == "trust.expired")
            #expect(failed["license.status"] == "license.lease-over", "\(failed)")
        }
    }

    @Test func anUnknownVersionAndAChangedPlugin() async throws {
        try await withInstallation { _, customer, _ in
            let file = "\(customer.storage)/plugins/@acme/a/index.js"
            try Data("changed".utf8).write(to: URL(filePath: file))
            let found = try await customer.doctor([])
            #expect(found.failed == ["application.version": ["settings.application-version"]])
            #expect(found.warned["plugins.files"] == ["plugins.modified-on-disk"])
        }
    }

    /// A gateway with two plugins, both installed at a customer whose Instance ID is pinned.
    private func withInstallation(
        _ body: (TestGateway, Customer, _ license: String) async throws -> Void
    ) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            var customer = try Customer(
                in: gateway.folder, gateway: gateway.url, key: license.key)
            customer.environment["TOLLGATE_INSTANCE_ID"] = "pinned-for-tests"
            let first = try await customer.downloadPro(app: "1.0.0")
            try #require(first.outcome.status == 0, "\(first.outcome.errors)")
            try await body(gateway, customer, license.id)
        }
    }
}
