import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// One file with everything for a machine without a network, made and taken by the real programs.
@Suite struct BundleTests {
    /// A gateway with two plugins in two releases each, and a customer that is activated.
    static func withCustomer(
        _ issued: [String] = [], _ body: (TestGateway, Customer) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for name in ["@acme/a", "@acme/b"] {
                    for major in [1, 2] {
                        try await gateway.publish(
                            name, "\(major).0.0",
                            application: ">=\(major).0.0 <\(major + 1).0.0")
                    }
                }
                let license = try await gateway.issue(["@acme/a", "@acme/b"], issued)
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                try await body(gateway, customer)
            }
        }
    }

    /// Makes a bundle on the customer's machine.
    static func export(
        _ customer: Customer, _ name: String, _ more: [String] = []
    ) async throws -> FilePath {
        let file = customer.storage.removingLastComponent().appending("\(name).tgbundle")
        let outcome = try await run(
            Programs.pkg, ["export-all", "-o", file.string] + more,
            environment: customer.environment)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return file
    }

    @Test func planIsTheSameByteForByteOnlineAndFromABundle() async throws {
        try await Self.withCustomer { _, customer in
            let bundle = try await Self.export(customer, "all")
            func plan(_ version: String, _ more: [String] = []) async throws -> [UInt8] {
                let run = try await customer.downloadPro(app: version, ["--dry-run"] + more)
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                return try #require(try run.outcome.json["plan"]).compactBytes
            }
            // From nothing, with something to update and to repair, with what fits nothing, and with
            // nothing to do.
            for installed in [nil, "1.0.0", "2.0.0"] {
                if let installed {
                    let run = try await customer.downloadPro(app: installed)
                    try #require(run.outcome.status == 0, "\(run.outcome.errors)")
                    let file = "\(customer.storage)/plugins/@acme/b/index.js"
                    try Data("changed".utf8).write(to: URL(filePath: file))
                }
                for version in ["1.0.0", "2.0.0", "3.0.0"] {
                    let online = try await plan(version)
                    let offline = try await plan(version, ["--from", bundle.string])
                    #expect(online == offline)
                    #expect(String(decoding: online, as: UTF8.self).contains("\"items\":[{"))
                }
            }
        }
    }

    @Test func installsFromABundleWithoutAnyNetwork() async throws {
        try await Self.withCustomer { gateway, customer in
            // Activated, so that the license holds for its lease; nothing is installed.
            let dry = try await customer.pkg("license", "refresh")
            try #require(dry.status == 0, "\(dry.errors)")
            let bundle = try await Self.export(customer, "all")
            var cut = customer
            cut.environment["TOLLGATE_URL"] = "http://127.0.0.1:1"
            let from = ["--from", bundle.string]
            let first = try await cut.downloadPro(app: "1.0.0", from)
            #expect(first.outcome.status == 0, "\(first.outcome.errors)")
            #expect(
                first.plugins
                    == ["@acme/a": "install 1.0.0 -", "@acme/b": "install 1.0.0 -"])
            #expect(try first.outcome.json["transfer"]?["requests"]?.integer == 0)
            let second = try await cut.downloadPro(app: "2.0.0", from)
            #expect(
                second.plugins == ["@acme/a": "update 2.0.0 -", "@acme/b": "update 2.0.0 -"])
            let third = try await cut.downloadPro(app: "2.0.0", from)
            #expect(
                third.plugins == ["@acme/a": "current 2.0.0 -", "@acme/b": "current 2.0.0 -"])
            #expect(cut.visibleVersion("@acme/a") == "2.0.0")
            // The gateway is asked again as if nothing had been.
            let online = try await customer.downloadPro(app: "2.0.0")
            #expect(online.outcome.status == 0, "\(online.outcome.errors)")
        }
    }

    @Test func vendorsBundleBringsTheTokenOfAnOfflineLicense() async throws {
        try await Self.withOfflineMachine { gateway, license, machine in
            let bundle = gateway.folder.appending("globex.tgbundle")
            let made = try await gateway.tollgate(
                ["bundle", "create", "--license", license, "-o", bundle.string])
            #expect(made.output.contains("2 releases"))
            let from = ["--from", bundle.string]
            // A dry run keeps nothing, and still knows the token.
            let dry = try await machine.downloadPro(app: "1.0.0", ["--dry-run"] + from)
            #expect(dry.plugins["@acme/a"] == "install - -", "\(dry.outcome.errors)")
            let none = try await machine.downloadPro(app: "1.0.0")
            #expect(none.outcome.errorCode == "license.key-not-found")
            let run = try await machine.downloadPro(app: "1.0.0", from)
            #expect(run.plugins["@acme/a"] == "install 1.0.0 -", "\(run.outcome.errors)")
            let later = try await machine.downloadPro(app: "1.0.0")
            #expect(later.outcome.status == 0, "\(later.outcome.errors)")
            // Another machine has nothing of it.
            var other = machine
            other.environment["TOLLGATE_INSTANCE_ID"] = nil
            let refused = try await other.downloadPro(app: "1.0.0", ["--dry-run"] + from)
            #expect(refused.outcome.status == 0, "its own ID is the same")
            let away = try Customer(in: gateway.folder, gateway: "", key: nil, named: "away")
            other.environment["TOLLGATE_STORAGE"] = away.storage.string
            let foreign = try await other.downloadPro(app: "1.0.0", from)
            #expect(foreign.outcome.status == 4, "\(foreign.outcome.output)")
            #expect(away.visibleVersion("@acme/a") == nil)
        }
    }

    @Test func aDifferenceHasWhatCameSince() async throws {
        try await Self.withCustomer { gateway, customer in
            let first = try await Self.export(customer, "first", ["--app-version", "1.0.0"])
            try await gateway.publish("@acme/a", "1.1.0")
            let difference = try await Self.export(
                customer, "difference", ["--app-version", "1.0.0", "--since", first.string])
            let outcome = try await run(
                "/usr/bin/tar", ["-tf", difference.string], environment: [:])
            #expect(outcome.status == 0)
            var cut = customer
            cut.environment["TOLLGATE_URL"] = "http://127.0.0.1:1"
            // Without the one before it: what it has is installed, and what is missing is named.
            let dry = try await cut.downloadPro(
                app: "1.0.0", ["--dry-run", "--from", difference.string])
            #expect(dry.outcome.status == 5, "a dry run promises nothing that is not there")
            #expect(dry.plugins["@acme/b"] == "mismatch - held-back")
            let alone = try await cut.downloadPro(app: "1.0.0", ["--from", difference.string])
            #expect(alone.outcome.status == 5)
            #expect(
                alone.plugins
                    == ["@acme/a": "install 1.1.0 -", "@acme/b": "mismatch - held-back"])
            #expect(alone.outcome.errorCode == "bundle.lacks-file")
            // Whoever had the first has the newer state already: it is not gone back to.
            let back = try await cut.downloadPro(app: "1.0.0", ["--from", first.string])
            #expect(back.outcome.status == 6)
            #expect(back.outcome.errorCode == "trust.rollback")
            #expect(back.outcome.errors.contains("take a newer bundle"))
        }
    }

    @Test func differencesAreTakenInTheirOrder() async throws {
        try await Self.withOfflineMachine { gateway, license, machine in
            func create(_ name: String, _ more: [String] = []) async throws -> String {
                let file = gateway.folder.appending("\(name).tgbundle").string
                try await gateway.tollgate(
                    ["bundle", "create", "--license", license, "-o", file] + more)
                return file
            }
            let first = try await create("first")
            try await gateway.publish("@acme/a", "1.1.0")
            let second = try await create("second", ["--since", first])
            try await gateway.publish("@acme/b", "1.1.0")
            let third = try await create("third", ["--since", second])
            let all = try await create("all")
            for (bundle, a, b) in [
                (first, "1.0.0", "1.0.0"), (second, "1.1.0", "1.0.0"), (third, "1.1.0", "1.1.0"),
            ] {
                let run = try await machine.downloadPro(app: "1.0.0", ["--from", bundle])
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
                #expect(machine.visibleVersion("@acme/a") == a)
                #expect(machine.visibleVersion("@acme/b") == b)
            }
            func size(_ file: String) throws -> Int {
                try Data(contentsOf: URL(filePath: file)).count
            }
            #expect(try size(third) < size(all))
            let run = try await machine.downloadPro(app: "1.0.0", ["--from", all])
            #expect(run.plugins["@acme/a"] == "current 1.1.0 -", "\(run.outcome.errors)")
        }
    }

    /// A machine that no network reaches, with nothing but the vendor's root; its license is offline.
    static func withOfflineMachine(
        _ body: (TestGateway, _ license: String, Customer) async throws -> Void
    ) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            var machine = try Customer(in: gateway.folder, gateway: "", key: nil)
            machine.environment["TOLLGATE_URL"] = nil
            machine.environment["TOLLGATE_TRUST_ROOT"] =
                gateway.data.appending("metadata/1.root.json").string
            let id = try await machine.instanceID()
            machine.environment["TOLLGATE_INSTANCE_ID"] = id
            let issued = try await gateway.tollgate(
                [
                    "licenses", "issue", "--mode", "offline", "--account", "Globex",
                    "--plugins", "@acme/a,@acme/b", "--expires", "2040-12-31", "--instance", id,
                    "--json",
                ])
            try await body(gateway, try #require(try issued.json["id"]?.string), machine)
        }
    }

    @Test func bundlesStayGoodWhenTheirKeyIsReplaced() async throws {
        try await Self.withOfflineMachine { gateway, license, machine in
            func create(_ name: String) async throws -> String {
                let file = gateway.folder.appending("\(name).tgbundle").string
                try await gateway.tollgate(["bundle", "create", "--license", license, "-o", file])
                return file
            }
            let before = try await create("before")
            let rotated = try await gateway.tollgate(["keys", "rotate", "bundle"])
            #expect(rotated.output.contains("replaced the key bundle"))
            let after = try await create("after")
            for bundle in [before, after] {
                let run = try await machine.downloadPro(app: "1.0.0", ["--from", bundle])
                #expect(run.outcome.status == 0, "\(run.outcome.errors)")
            }
            let keys = try await gateway.tollgate(["keys", "list"]).output.split(separator: "\n")
                .filter { $0.hasPrefix("bundle") }
            #expect(keys.count == 2, "\(keys)")
            #expect(keys.contains { $0.contains("signing") })
            #expect(keys.contains { $0.contains("retired") })
        }
    }
}
