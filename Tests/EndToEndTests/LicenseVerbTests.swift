import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Each verb of `pkg license`, `tollgate licenses` and `tollgate instances`, as people type it.
@Suite struct LicenseVerbTests {
    @Test func theCustomersVerbsWithAKey() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await customer.instanceID()
            let first = try await gateway.issue(["@acme/a"], ["--seats", "1"])
            let second = try await gateway.issue(["@acme/b"])

            try await customer.expect(4, "license.key-not-found", "license", "status")
            try await customer.expect(
                4, "license.key-format", "license", "activate", "-l", "tg_cut")
            try await customer.expect(0, nil, "license", "activate", "--key", first.key)
            let file = gateway.folder.appending("key.txt")
            try Data("\(second.key)\r\n".utf8).write(to: URL(filePath: file.string))
            try await customer.expect(0, nil, "license", "add", "-f", file.string)

            let list = try await customer.pkg("license", "list", "--json")
            let listed = try list.json["licenses"]?.array?.compactMap { $0["id"]?.string } ?? []
            #expect(Set(listed) == [first.id, second.id])
            let table = try await customer.expect(0, nil, "license", "list")
            #expect(table.output.contains(first.id) && !table.output.contains(first.key))
            let claims = try await customer.expect(0, nil, "license", "show", first.id)
            #expect(try claims.json.array?.first?["sub"]?.string == first.id)
            try await customer.expect(4, "license.not-saved", "license", "show", "lic_none")
            let status = try await customer.expect(0, nil, "license", "status", "--json")
            #expect(try status.json["state"] == "active")
            #expect(try status.json["instance_id"]?.string == id)
            let refresh = try await customer.expect(0, nil, "license", "refresh")
            #expect(refresh.output.hasPrefix("License: active"))

            let users = gateway.folder.appending("users.csv")
            let today = Date.now.formatted(.iso8601)
            try Data("id,status,last_seen_at\na,active,\(today)\nb,,\(today)\n".utf8)
                .write(to: URL(filePath: users.string))
            let seats = try await customer.expect(0, nil, "license", "seats", users.string)
            #expect(seats.output.hasPrefix("2 of 1 seats in use"))
            #expect(seats.errors.contains("license.seats-exceeded"))
            try Data("x".utf8).write(to: URL(filePath: users.string))
            try await customer.expect(
                4, "license.seats-format", "license", "seats", users.string)

            try await customer.expect(64, "usage.invalid", "license", "rebind")
            let moved = try Customer(
                in: gateway.folder, gateway: gateway.url, key: nil, named: "moved")
            try await moved.expect(4, "license.key-mismatch", "license", "add", "-l", first.key)
            try await moved.expect(4, "license.key-not-found", "license", "rebind")
            try await moved.expect(0, nil, "license", "rebind", "--key", first.key)
            // The window is open: the former instance goes on, and says so.
            let left = try await customer.expect(0, nil, "license", "refresh")
            #expect(left.output.contains("license.instance-moving"))

            try await customer.expect(64, "usage.invalid", "license", "remove")
            var away = customer
            away.environment["TOLLGATE_URL"] = "http://127.0.0.1:9"
            let kept = try await away.expect(
                5, "network.refused", "license", "remove", second.id)
            #expect(kept.errors.contains("pkg license delete \(second.id)"))
            try await customer.expect(0, nil, "license", "remove", second.id)
            try await customer.expect(4, "license.not-saved", "license", "remove", second.id)
            try await moved.expect(0, nil, "license", "add", "-l", second.key)
            try await moved.expect(0, nil, "license", "delete", second.id)
            try await moved.expect(4, "license.not-saved", "license", "delete", second.id)

            var given = customer
            given.environment["TOLLGATE_LICENSE_KEY"] = "tg_cut"
            let cut = try await given.expect(
                4, "license.key-format", "download-pro", "--app-version", "1.0.0")
            #expect(cut.errors.contains("TOLLGATE_LICENSE_KEY"))
            #expect(cut.errors.contains("Instance ID: \(id)"))
            given.environment["TOLLGATE_LICENSE_KEY"] = first.key
            for verb in [["add", "-l", second.key], ["remove"], ["delete", first.id]] {
                let outcome = try await run(
                    Programs.pkg, ["license"] + verb, environment: given.environment)
                #expect(outcome.status == 4, "\(verb)")
                #expect(outcome.errorCode == "license.read-only", "\(verb)")
            }
        }
    }

    @Test func aLicenseThatWaitsIsNotAskedAboutAtEachRun() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let first = try await gateway.issue(["@acme/a"], ["--expires", "2040-12-31"])
            let next = try await gateway.issue(
                ["@acme/a"], ["--starts", "2041-01-01", "--expires", "2041-12-31"])
            for license in [first, next] {
                try await customer.expect(0, nil, "license", "add", "-l", license.key)
            }
            for _ in 1...2 {
                try await customer.expect(0, nil, "download-pro", "--app-version", "1.0.0")
            }
            let instances = try await gateway.tollgate(["instances", "list", "--json"]).json
            #expect(instances.array?.compactMap { $0["check_ins"]?.integer } == [0, 0])
        }
    }

    @Test func theVendorsVerbs() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await customer.instanceID()
            let license = try await gateway.issue(["@acme/a"])
            try await customer.expect(0, nil, "license", "add", "-l", license.key)

            #expect(try await gateway.tollgate(["licenses", "list"]).output.contains(license.id))
            let instances = try await gateway.tollgate(["instances", "list", "--json"])
            #expect(try instances.json.array?.compactMap { $0["instance_id"]?.string } == [id])
            let instance = try await gateway.tollgate(["instances", "show", id])
            #expect(instance.output.contains(license.id))

            let changes: [(verb: [String], action: String)] = [
                (["edit", license.id, "--seats", "3"], "license.edit"),
                (["renew", license.id, "--expires", "2041-12-31"], "license.renew"),
                (["suspend", license.id], "license.suspend"),
                (["resume", license.id], "license.resume"),
                (["rebind", license.id], "license.rebind"),
                (["revoke", license.id], "license.revoke"),
            ]
            var sequence = try #require(try await gateway.show(license.id)["sequence"]?.integer)
            for change in changes {
                try await gateway.tollgate(["licenses"] + change.verb)
                let shown = try await gateway.show(license.id)
                #expect(shown["sequence"]?.integer == sequence + 1, "\(change.verb)")
                #expect(shown["changes"]?.array?.last?["action"]?.string == change.action)
                sequence += 1
            }
            try await gateway.refuses(64, "usage.invalid", ["licenses", "resume", license.id])
            try await gateway.refuses(64, "usage.invalid", ["licenses", "token", license.id])
            let over = try await gateway.tollgate([
                "licenses", "issue", "--account", "Globex", "--plugins", "@acme/a", "--expires",
                "2020-12-31",
            ])
            #expect(over.errors.contains("2020-12-31 23:59 GMT, before now"))
            for verb in [["licenses", "show"], ["licenses", "token"], ["instances", "show"]] {
                try await gateway.refuses(64, "gateway.record-not-found", verb + ["none"])
            }
        }
    }

    /// Nobody can take its token from a machine that does not check in.
    @Test func aReleasedAirgappedInstanceIsShownWithTheEndOfItsToken() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await customer.instanceID()
            let license = try await gateway.issue(
                ["@acme/a"],
                ["--mode", "airgapped", "--grace-days", "0", "--rebinds-per-year", "0"])
            try await customer.expect(0, nil, "license", "add", "-l", license.key)
            #expect(
                try await !gateway.tollgate(["instances", "show", id]).output.contains("may hold"))
            try await customer.expect(0, nil, "license", "remove", license.id)
            #expect(
                try await gateway.tollgate(["instances", "show", id]).output
                    .contains("its token may hold until 2040-12-31 23:59 GMT"))
            let listed = try await gateway.tollgate(["instances", "list", "--all", "--json"])
            #expect(
                try listed.json.array?.first?["token_may_hold_until"]?.string
                    == "2040-12-31T23:59:59Z")
            let second = try Customer(
                in: gateway.folder, gateway: gateway.url, key: nil, named: "second")
            try await second.expect(
                4, "license.rebind-limit", "license", "add", "-l", license.key)
        }
    }

    @Test func theTokenOfAnOfflineLicenseIsAllThatIsPrinted() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await customer.instanceID()
            let issue = try await gateway.tollgate(
                [
                    "licenses", "issue", "--mode", "offline", "--account", "Globex", "--plugins",
                    "@acme/a", "--expires", "2040-12-31", "--instance", id,
                ])
            let license = try #require(
                issue.errors.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                    .first { $0.hasPrefix("lic_") }.map(String.init))
            let other = "ti_35JV37KADPRAM9ATJQ98E70SPXNNYFG98"
            let outputs = [
                issue.output, try await gateway.tollgate(["licenses", "token", license]).output,
                try await gateway.tollgate(
                    ["licenses", "rebind", license, "--instance", other, "--window-days", "3"]
                ).output,
            ]
            for output in outputs {
                #expect(output.hasSuffix("\n"))
                let token = output.trimmingNewline
                #expect(token.split(separator: ".").count == 3)
                #expect(token.hasPrefix("eyJ") && !token.contains(where: \.isWhitespace))
                // Also the last: the window after the move is open.
                try await customer.expect(0, nil, "license", "add", "-l", token)
            }
            let stranger = try Customer(
                in: gateway.folder, gateway: gateway.url, key: nil, named: "stranger")
            try await stranger.expect(
                4, "license.key-mismatch", "license", "add", "-l", outputs[0].trimmingNewline)
            var cut = customer
            cut.environment["TOLLGATE_URL"] = nil
            for verb in ["refresh", "rebind"] {
                let refused = try await cut.expect(64, "usage.invalid", "license", verb)
                #expect(refused.errors.contains("offline") && !refused.errors.contains("Asking"))
            }
            try await customer.expect(0, nil, "license", "remove", license)
            try await customer.expect(4, "license.key-not-found", "license", "status")
        }
    }
}

extension Customer {
    /// Runs `pkg`, and expects how it ends.
    @discardableResult
    fileprivate func expect(
        _ status: Int32, _ code: String?, _ arguments: String...,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(Programs.pkg, arguments, environment: environment)
        #expect(
            outcome.status == status, "\(arguments): \(outcome.errors)", sourceLocation: location)
        #expect(outcome.errorCode == code, "\(arguments)", sourceLocation: location)
        return outcome
    }
}

extension TestGateway {
    fileprivate func show(_ license: String) async throws -> JSONValue {
        try await tollgate(["licenses", "show", license, "--json"]).json
    }

    /// Runs a verb of `tollgate` that is refused.
    fileprivate func refuses(
        _ status: Int32, _ code: String, _ arguments: [String],
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let outcome = try await run(Programs.tollgate, arguments + ["--data", data.string])
        #expect(outcome.status == status, "\(arguments)", sourceLocation: location)
        #expect(outcome.errorCode == code, "\(arguments)", sourceLocation: location)
    }
}
