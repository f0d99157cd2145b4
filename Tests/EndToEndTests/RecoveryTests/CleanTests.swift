import CanonicalJSON
import Diagnostics
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `pkg plugins clean`, and the verbs when something else stands where our files belong.
@Suite struct CleanTests {
    @Test func deletesWhatIsKeptAndSaysHowMuch() async throws {
        try await withUpdatedPlugin { customer in
            let own = "\(customer.storage)/plugins/.pkg"
            try Data(repeating: 0, count: 5000).write(to: URL(filePath: "\(own)/tarballs/x.part"))
            let dry = try await customer.pkg("plugins", "clean", "--dry-run", "--json").json
            let items = dry["items"]?.array ?? []
            #expect(items.map { $0["kind"]?.string } == ["previous", "tarballs"])
            #expect(items.last?["bytes"] == 5000)
            let young = try await customer.pkg("plugins", "clean", "--older-than", "1")
            #expect(young.output == "0 B deleted\n")

            let cleaned = try await customer.pkg("plugins", "clean")
            #expect(cleaned.status == 0)
            let sum = ByteCount(dry["bytes"]?.integer ?? 0)
            #expect(cleaned.output.hasSuffix("\n\(sum) deleted\n"))
            #expect(cleaned.output.contains("tarballs  1      5 kB\n"))
            #expect(customer.visibleVersion("@acme/a") == "1.1.0")
            for arguments in [["@acme/a"], ["--all"]] {
                let refused = try await run(
                    Programs.pkg, ["plugins", "rollback"] + arguments,
                    environment: customer.environment)
                #expect(refused.errorCode == "plugins.not-restorable")
                #expect(refused.status == 7)
            }
        }
    }

    static let children = [
        "journal", "staging", "receipts", "previous", "removed", "replaced", "broken", "tarballs",
        "metadata", "report.json", "sets.json",
    ]

    @Test func garbageInThePlaceOfOurFilesKeepsNoVerbFromItsWork() async throws {
        try await withUpdatedPlugin { customer in
            let own = "\(customer.storage)/plugins/.pkg"
            for child in Self.children {
                let path = "\(own)/\(child)"
                var isFolder = false
                let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                if isThere { try FileManager.default.removeItem(atPath: path) }
                // A folder for a file, a file for a folder.
                if child.contains("journal") || child.contains(".json") {
                    try FileManager.default.createDirectory(
                        atPath: path, withIntermediateDirectories: false)
                } else {
                    try Data("garbage".utf8).write(to: URL(filePath: path))
                }
                let list = try await customer.pkg("plugins", "list")
                #expect(list.status == 0, "\(child): \(list.errors)")
                #expect(list.errors.contains(path), "\(list.errors)")
                let dry = try await customer.pkg("plugins", "clean", "--dry-run")
                #expect(dry.status == 0, "\(child): \(dry.errors)")
                #expect(customer.visibleVersion("@acme/a") == "1.1.0")
            }
            let clean = try await customer.pkg("plugins", "clean", "--older-than", "1")
            #expect(clean.status == 0, "\(clean.errors)")
            #expect(try await customer.pkg("plugins", "list").errors == "", "all is mended")
            let next = try await customer.downloadPro(app: "1.0.0")
            #expect(next.plugins == ["@acme/a": "adopt 1.1.0 -"], "\(next.outcome.errors)")
            #expect(try await customer.pkg("plugins", "verify").status == 0)
            let refused = try await customer.pkg("plugins", "rollback", "@acme/a")
            #expect(refused.errorCode == "plugins.not-restorable")
        }
    }

    /// A customer whose one plugin was updated from 1.0.0 to 1.1.0.
    private func withUpdatedPlugin(_ body: (Customer) async throws -> Void) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            _ = try await customer.downloadPro(app: "1.0.0")
            try await gateway.publish("@acme/a", "1.1.0")
            _ = try await customer.downloadPro(app: "1.0.0")
            try await body(customer)
        }
    }
}
