import CanonicalJSON
import Foundation
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// No plugin is lost on the word of the wrong license, an old one, or a part of what is saved.
@Suite struct LicenseSafetyTests {
    @Test func anotherLicensesAnswerIsRefused() async throws {
        try await withInstalledPlugins { gateway, customer, _ in
            try edit(customer.storage, "state.json") { text in
                let id = try #require(text.firstRange(of: "\"license_id\": \"lic_"))
                return text.replacingCharacters(in: id, with: "\"license_id\": \"lic_other")
            }
            let refresh = try await customer.pkg("license", "refresh")
            #expect(refresh.errorCode == "license.replayed")
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.plugins == ["@acme/a": "current 1.0.0 -", "@acme/b": "current 1.0.0 -"])
        }
    }

    @Test func aCheckInKeepsWhatOtherSavedTokensGrant() async throws {
        try await withInstalledPlugins { gateway, customer, license in
            // The license loses a plugin that another license of this instance has.
            let other = try await gateway.issue(["@acme/b"])
            var second = try Customer(
                in: gateway.folder, gateway: gateway.url, key: other.key, named: "second")
            second.environment["TOLLGATE_INSTANCE_ID"] =
                customer.environment["TOLLGATE_INSTANCE_ID"]
            _ = try await second.downloadPro(app: "1.0.0")
            let tokens = "\(second.storage)/.license/tokens"
            for name in try FileManager.default.contentsOfDirectory(atPath: tokens) {
                try FileManager.default.copyItem(
                    atPath: "\(tokens)/\(name)",
                    toPath: "\(customer.storage)/.license/tokens/\(name)")
            }
            try await gateway.tollgate(
                ["licenses", "edit", license, "--remove-plugin", "@acme/b"])
            #expect(try await customer.pkg("license", "refresh").status == 0)
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.plugins["@acme/b"] == "current 1.0.0 -")
        }
    }

    @Test func anOlderSavedTokenRemovesNothing() async throws {
        try await withInstalledPlugins { gateway, customer, license in
            // What was saved while the license did not have the plugin comes back from a backup.
            try await gateway.tollgate(
                ["licenses", "edit", license, "--remove-plugin", "@acme/b"])
            #expect(try await customer.pkg("license", "refresh").status == 0)
            let saved = "\(customer.storage)/.license"
            try FileManager.default.copyItem(atPath: saved, toPath: "\(gateway.folder)/backup")
            try await gateway.tollgate(["licenses", "edit", license, "--add-plugin", "@acme/b"])
            #expect(try await customer.pkg("license", "refresh").status == 0)
            try FileManager.default.removeItem(atPath: saved)
            try FileManager.default.moveItem(atPath: "\(gateway.folder)/backup", toPath: saved)

            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.plugins["@acme/b"] == "current 1.0.0 -")
        }
    }

    @Test func aDamagedTokenRemovesNothingAndIsReplaced() async throws {
        try await withInstalledPlugins { _, customer, _ in
            let folder = "\(customer.storage)/.license/tokens"
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).first)
            try edit(customer.storage, "tokens/\(name)") { String($0.dropLast(20)) }
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 0, "\(run.outcome.errors)")
            #expect(run.plugins == ["@acme/a": "current 1.0.0 -", "@acme/b": "current 1.0.0 -"])
            #expect(try await customer.pkg("license", "status").status == 0)
        }
    }

    @Test func aDamagedInstanceNumberIsNeverReplaced() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            let before = try await customer.pkg("instance-id").output
            try edit(customer.storage, "instance.json") { String($0.prefix(20)) }
            let after = try await customer.pkg("instance-id")
            #expect(after.errorCode == "license.state")
            let saved = try String(
                contentsOfFile: "\(customer.storage)/.license/instance-id", encoding: .utf8)
            #expect(saved == before)
        }
    }

    @Test func aDryRunActivatesNothingAndWritesNoReport() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let dry = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
                #expect(dry.outcome.errorCode == "license.not-activated")
                let other = try Customer(
                    in: folder, gateway: gateway.url, key: license.key, named: "other")
                #expect(try await other.downloadPro(app: "1.0.0").outcome.status == 0)
                let report = "\(other.storage)/plugins/.pkg/report.json"
                let before = FileManager.default.contents(atPath: report)
                let planned = try await other.downloadPro(app: "2.0.0", ["--dry-run"])
                #expect(planned.plugins["@acme/a"] == "mismatch 1.0.0 no-release-for-application")
                #expect(FileManager.default.contents(atPath: report) == before)
            }
        }
    }

    /// A gateway with two plugins, and a customer with a pinned ID who has both installed.
    private func withInstalledPlugins(
        _ body: (TestGateway, Customer, _ license: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "1.0.0")
                let license = try await gateway.issue(["@acme/a", "@acme/b"])
                var customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                customer.environment["TOLLGATE_INSTANCE_ID"] = "pinned-for-tests"
                let first = try await customer.downloadPro(app: "1.0.0")
                try #require(first.outcome.status == 0, "\(first.outcome.errors)")
                try await body(gateway, customer, license.id)
            }
        }
    }

    private func edit(
        _ storage: FilePath, _ name: String, _ change: (String) throws -> String
    ) throws {
        let path = "\(storage)/.license/\(name)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try change(text).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
