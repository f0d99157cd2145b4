import CanonicalJSON
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `pkg agent` as an application and its replicas meet it.
@Suite struct AgentProgramTests {
    @Test(.timeLimit(.minutes(20)))
    func tellsTheApplicationHowTheLicenseStands() async throws {
        try await withTemporaryFolder { folder in
            let customer = try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"], ["--seats", "1"])
                var customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
                let payload = try await customer.pkg("agent", "--show-payload")
                #expect(try payload.json["type"]?.string == "register")
                #expect(!payload.output.contains(license.key))
                try await TestAgentProgram.running(for: customer) { agent in
                    // The loop activates the key of the environment by itself.
                    let active = try await agent.ask("/v1/license", of: customer) {
                        $0["state"]?.string == "active"
                    }
                    let token = try #require(active["tokens"]?.array?.first?.string)
                    #expect(token.split(separator: ".").count == 3)
                    #expect(active["read_only"]?.bool == true)
                    #expect(active["next_check_in"]?.string != nil)
                    let plugins = try await agent.ask("/v1/plugins", of: customer)
                    #expect(plugins["plugins"]?.array?.first?["name"]?.string == "@acme/a")
                    let users =
                        #"[{"id":"a","last_seen_at":4000000000},{"id":"b","last_seen_at":4000000000}]"#
                    let seats = try await agent.ask("/v1/users", of: customer, posting: users)
                    #expect(seats["seats"]?["in_use"]?.integer == 2)
                    #expect(seats["seats"]?["over_limit"]?.bool == true)
                    let kept = try await run(
                        "/usr/bin/grep", ["-rl", "last_seen_at", customer.storage.string])
                    #expect(kept.output.isEmpty, "only the count is kept")
                }
                let beat = try await customer.pkg("agent", "--show-payload")
                #expect(try beat.json["type"]?.string == "heartbeat")
                return customer
            }
            // The gateway is away: after a restart the saved token holds.
            try await TestAgentProgram.running(for: customer) { agent in
                let license = try await agent.ask("/v1/license", of: customer)
                #expect(license["state"]?.string == "active")
                let health = try await agent.ask("/healthz", of: customer)
                #expect(health["status"]?.string == "ok")
            }
        }
    }

    @Test(
        .enabled(if: RedisServer.isInstalled, "Debian's redis-server is not installed"),
        .timeLimit(.minutes(20)))
    func replicasTellEachOtherByRedis() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: nil)
                let added = try await customer.pkg("license", "activate", "--key", license.key)
                try #require(added.status == 0, "\(added.errors)")
                let redis = try await RedisServer(password: "secret")
                let environment = [
                    "TOLLGATE_REDIS_URL": "redis://:secret@127.0.0.1:\(redis.port)"
                ]
                let log = folder.appending("second.log")
                try await TestAgentProgram.running(for: customer, environment: environment) { one in
                    try await TestAgentProgram.running(
                        for: customer, environment: environment, errors: log
                    ) { other in
                        try await line("Replicas tell each other", in: log)
                        _ = try await other.ask("/v1/license", of: customer)
                        _ = try await one.ask(
                            "/v1/users", of: customer,
                            posting: #"[{"id":"a","last_seen_at":4000000000}]"#)
                        try await line("Another replica says that the license was counted", in: log)
                        let seen = try await other.ask("/v1/license", of: customer)
                        #expect(seen["seats"]?["in_use"]?.integer == 1)
                    }
                }
                try await redis.stop()
                let text = try String(contentsOfFile: log.string, encoding: .utf8)
                #expect(!text.contains("secret"))
            }
        }
    }

    @Test func withoutTheProgramItSaysSo() async throws {
        try await withTemporaryFolder { folder in
            let alone = folder.appending("pkg")
            // Not by this process: a child that starts meanwhile would have the copy open for
            // writing for a moment, and such a file cannot be run (ETXTBSY).
            try #require(
                try await run("/bin/cp", [Programs.pkg.string, alone.string]).status == 0)
            let outcome = try await run(alone, ["agent"], environment: ["PATH": folder.string])
            #expect(outcome.errorCode == "agent.program-missing")
            #expect(outcome.status == 7)
        }
    }

    @Test(arguments: [
        (["--host", "0.0.0.0"], [:], "agent.address-refused"),
        (["--print-url", "--port", "1"], [:], "agent.not-running"),
        ([], ["TOLLGATE_REDIS_URL": "rediss://me:hunter2@cache"], "replicas.redis-address"),
    ])
    func refusesWithACode(
        _ arguments: [String], _ environment: [String: String], _ code: String
    ) async throws {
        try await withTemporaryFolder { folder in
            let outcome = try await run(
                Programs.pkg, ["agent"] + arguments,
                environment: environment.merging([
                    "TOLLGATE_STORAGE": folder.appending("storage").string
                ]) { $1 })
            #expect(outcome.errorCode == code)
            #expect(!outcome.errors.contains("hunter2"))
        }
    }

    /// Waits for a line of a log.
    private func line(_ text: String, in log: FilePath) async throws {
        let outcome = try await run(
            "/usr/bin/timeout",
            [
                "300", "/bin/sh", "-c", "until grep -q \"$0\" \"$1\"; do sleep 0.1; done", text,
                log.string,
            ])
        try #require(outcome.status == 0, "no line “\(text)”")
    }
}

extension TestAgentProgram {
    /// Asks the API as the application does, with curl, until the answer is what is waited for.
    func ask(
        _ path: String, of customer: Customer, posting body: String? = nil,
        until isExpected: (JSONValue) -> Bool = { _ in true }
    ) async throws -> JSONValue {
        let file = try Data(
            contentsOf: URL(filePath: customer.storage.appending(".license/agent.json").string))
        let token = try #require(try parseJSON(Array(file))["api_token"]?.string)
        var arguments = [
            "-sS", "--noproxy", "*", "-H", "Authorization: Bearer \(token)", base + path,
        ]
        if let body { arguments += ["-d", body] }
        var answer: JSONValue
        repeat {
            answer = try await run("/usr/bin/curl", arguments).json
        } while !isExpected(answer)
        return answer
    }
}
