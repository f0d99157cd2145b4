import CanonicalJSON
import Fetcher
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What an upgrade of the application would do, before it is done.
@Suite struct PreflightTests {
    @Test func saysPluginByPluginWhatAnUpgradeWillDoAndChangesNothing() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for name in ["@acme/a", "@acme/b", "@acme/c"] {
                    try await gateway.publish(name, "1.0.0")
                }
                let license = try await gateway.issue(["@acme/a", "@acme/b", "@acme/c"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")
                let tarball = try await gateway.publish(
                    "@acme/a", "2.0.0", application: ">=2.0.0 <3.0.0")
                let size = try #require(
                    try FileManager.default.attributesOfItem(atPath: tarball.string)[.size] as? Int)
                try await gateway.tollgate(
                    ["licenses", "edit", license.id, "--remove-plugin", "@acme/c"])
                #expect(try await customer.pkg("license", "refresh").status == 0)
                let before = try await Self.everything(below: customer.storage)

                let next = try await customer.downloadPro(app: "2.0.0", ["--dry-run", "--strict"])
                #expect(next.outcome.status == 3)
                #expect(
                    next.plugins == [
                        "@acme/a": "update 1.0.0 -",
                        "@acme/b": "mismatch 1.0.0 no-release-for-application",
                        "@acme/c": "remove 1.0.0 -",
                    ])
                let json = try next.outcome.json
                #expect(json["application_version"] == "2.0.0")
                #expect(json["dry_run"] == true)
                #expect(
                    json["totals"] == [
                        "plugins": 3, "mismatches": 1, "changes": 2, "removals": 1,
                        "download_bytes": .integer(Int64(size)),
                    ])
                let rows = json["plugins"]?.array ?? []
                #expect(rows.map { $0["download_bytes"]?.integer } == [Int64(size), 0, 0])
                #expect(rows.map { $0["wanted"]?.string } == ["2.0.0", nil, nil])
                #expect(rows.map { $0["nearest"]?.string } == [nil, "1.0.0", nil])

                // No plugin has any release for it.
                let far = try await customer.downloadPro(app: "9.9.9", ["--dry-run", "--strict"])
                #expect(far.outcome.status == 3)
                #expect(try far.outcome.json["totals"]?["mismatches"] == 2)
                #expect(try far.outcome.json["totals"]?["download_bytes"] == 0)

                let outdated = try await customer.pkg(
                    "plugins", "outdated", "--app-version", "2.0.0")
                #expect(outdated.status == 0, "\(outdated.errors)")
                #expect(outdated.output.contains("@acme/a  1.0.0      2.0.0   would update"))

                var cutOff = customer
                cutOff.environment["TOLLGATE_URL"] = "http://127.0.0.1:1"
                let lost = try await cutOff.downloadPro(app: "2.0.0", ["--dry-run"])
                #expect(lost.outcome.status == 5)

                #expect(try await Self.everything(below: customer.storage) == before)
            }
        }
    }

    @Test func outdatedListsOnlyWhatIsNotAsWanted() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
            #expect(try await customer.pkg("download-pro").status == 0)
            let current = try await customer.pkg("plugins", "outdated")
            #expect(current.output == "Nothing is outdated (2 plugins).\n")
            try await gateway.publish("@acme/b", "1.1.0")
            let json = try await customer.pkg("plugins", "outdated", "--json").json
            #expect(json["plugins"]?.array?.map { $0["name"]?.string } == ["@acme/b"])
        }
    }

    /// The first that ever runs on a machine, and one that fetches all metadata.
    @Test func aDryRunKeepsNothing() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            try FileManager.default.createDirectory(
                atPath: customer.storage.string, withIntermediateDirectories: true)
            let empty = try await Self.everything(below: customer.storage)
            let first = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
            #expect(first.outcome.errorCode == "license.not-activated")
            #expect(try first.outcome.json["instance_id"]?.string == nil, "the next has another")
            #expect(try await Self.everything(below: customer.storage) == empty)

            #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 0)
            try Disk.remove(StorageFolder(customer.storage).metadata)
            try Disk.remove(StorageFolder(customer.storage).license.appending("root.json"))
            let before = try await Self.everything(below: customer.storage)
            let dry = try await customer.downloadPro(app: "1.0.0", ["--dry-run"])
            #expect(dry.plugins == ["@acme/a": "current 1.0.0 -", "@acme/b": "current 1.0.0 -"])
            #expect(try await Self.everything(below: customer.storage) == before)
        }
    }

    /// Each file and folder but for the logs: inode, size, time of change, path.
    private static func everything(below folder: FilePath) async throws -> [String] {
        let outcome = try await run(
            "/usr/bin/find",
            [
                folder.string, "-mindepth", "1", "-path", "*/logs", "-prune", "-o", "-printf",
                "%i %s %C@ %p\\n",
            ])
        return outcome.output.split(separator: "\n").map(String.init).sorted()
    }
}
