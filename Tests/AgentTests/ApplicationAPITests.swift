import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Synchronization
import Testing

@testable import Agent

/// What the application gets.
@Suite struct ApplicationAPITests {
    private let authorization = ["Authorization": "Bearer \(TestAgent.apiToken)"]

    @Test func givesTheStatusWithTheRawTokens() async throws {
        try await TestAgent.serving { agent in
            agent.desk.edit {
                $0.picture.statusJSON = ["schema": 1, "state": "active"]
                $0.picture.tokens = [Secret("eyJ.a.b")]
                $0.picture.nextCheckIn = TestClock.start + 60
                $0.picture.seats = LicensePicture.Seats(inUse: 3, limit: 2)
            }
            let answer = try await agent.ask("GET", "/v1/license", authorization)
            let json = try parseJSON(Array(answer.body.utf8))
            #expect(json["state"]?.string == "active")
            #expect(json["tokens"]?.array?.compactMap(\.string) == ["eyJ.a.b"])
            #expect(json["read_only"]?.bool == false)
            #expect(json["seats"]?["over_limit"]?.bool == true)
            #expect(json["next_check_in"]?.string == (TestClock.start + 60).wireText)
        }
    }

    @Test func listsPluginsWithWhatIsWrong() async throws {
        try await TestAgent.serving { agent in
            var plugin = LicensePicture.Plugin(name: "@acme/a")
            plugin.installed = "1.0.0"
            plugin.mismatch = LicensePicture.Mismatch(
                reason: "held-back", explanation: "why", wanted: "1.1.0")
            agent.desk.edit { [plugin] in $0.picture.plugins = [plugin] }
            let answer = try await agent.ask("GET", "/v1/plugins", authorization)
            let row = try #require(
                try parseJSON(Array(answer.body.utf8))["plugins"]?.array?.first)
            #expect(row["installed"]?.string == "1.0.0")
            #expect(row["mismatch"]?["reason"]?.string == "held-back")
            #expect(row["mismatch"]?["wanted"]?.string == "1.1.0")
        }
    }

    @Test func givesTheInstance() async throws {
        try await TestAgent.serving { agent in
            let answer = try await agent.ask("GET", "/v1/instance", authorization)
            #expect(try parseJSON(Array(answer.body.utf8))["instance_id"]?.string == "ti_TEST")
        }
    }

    @Test func countsUsersAndSaysWhetherThereAreTooMany() async throws {
        try await TestAgent.serving { agent in
            let rows = #"""
                [{"id": "a", "status": "active", "last_seen_at": "2026-09-01"},
                 {"id": "b", "status": "active", "last_seen_at": "2026-09-01"}]
                """#
            let answer = try await agent.ask("POST", "/v1/users", authorization, body: rows)
            #expect(answer.status == 200)
            let seats = try parseJSON(Array(answer.body.utf8))["seats"]
            #expect(seats?["in_use"]?.integer == 2)
            #expect(seats?["over_limit"]?.bool == true)
        }
    }

    @Test(arguments: ["", "no", #"{"users": 1}"#])
    func refusesUsersThatCannotBeRead(_ body: String) async throws {
        try await TestAgent.serving { agent in
            let answer = try await agent.ask("POST", "/v1/users", authorization, body: body)
            #expect(answer.status == 422)
            #expect(agent.desk.state.withLock(\.users) == 0)
        }
    }

    @Test func healthNeedsNoToken() async throws {
        try await TestAgent.serving { agent in
            let answer = try await agent.ask("GET", "/healthz")
            #expect(answer.status == 200)
            #expect(answer.body == #"{"status":"ok"}"#)
        }
    }

    @Test func makesAnotherAddressOfThePage() async throws {
        try await TestAgent.serving { agent in
            let answer = try await agent.ask("POST", "/v1/page-address", authorization, body: "")
            let url = try #require(try parseJSON(Array(answer.body.utf8))["url"]?.string)
            #expect(url.hasPrefix("\(agent.base)/?token="))
            let path = String(url.dropFirst(agent.base.count))
            #expect(try await agent.ask("GET", path).status == 303)
        }
    }
}
