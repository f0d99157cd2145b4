import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Storage
import Testing

@testable import Gateway

extension TestVendor {
    /// Issues a license with the terms that NocoDB's clients see.
    func issueForNocoDB(
        _ mode: LicenseMode = .standard, expires: TimeInterval? = 90 * 86400,
        limits: [String: Int64] = [:], isTrial: Bool = false
    ) async throws -> (LicenseRecord, LicenseKey) {
        let terms = LicenseTerms(
            mode: mode, isTrial: isTrial, expires: expires.map(clock.now.addingTimeInterval),
            grants: [], limits: limits)
        return try await vendor.issueLicense(to: "Beta GmbH", terms, by: actor)
    }
}

struct NocoDBTests {
    @Test func aRegistrationIsAnsweredAsNocoDBsServerDoes() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issueForNocoDB(
                limits: ["seats": 10, "workspaces": 2])
            let client = NocoDBTestClient(gateway: gateway)
            let answer = try await client.register(key)
            #expect(answer["heartbeat_interval_ms"] == 21_600_000)
            #expect(answer["installation_secret"]?.string?.hasPrefix("fp:") == true)
            let claims = try await client.claims(answer)
            let now = Int64(gateway.test.clock.now.timeIntervalSince1970)
            #expect(
                claims == [
                    "installation_id": try #require(answer["installation_id"]),
                    "license_type": "enterprise", "status": "active", "seat_count": 10,
                    "config": ["limit_workspace": 2, "limit_seat": 10], "airgapped": false,
                    "iat": .integer(now), "exp": .integer(now + 2 * 86400),
                    "expires_at": .string(try #require(license.terms.expires).wireText),
                    "instance_id": "noco-1",
                ])

            // Its answer was lost: asked again, the same is answered.
            let again = try await client.register(key)
            #expect(again["installation_id"] == answer["installation_id"])
            #expect(again["installation_secret"] == answer["installation_secret"])
            let entries = try await gateway.vendor.records.audit.entries(about: license.id)
            #expect(entries.filter { $0.action == "license.bind" }.count == 1)
            #expect(entries.last?.detail["instances"] == ["nocodb:noco-1"])
        }
    }

    @Test func aHeartbeatRenewsAndTellsTheSeats() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issueForNocoDB(expires: nil, isTrial: true)
            let client = NocoDBTestClient(gateway: gateway)
            let answer = try await client.register(key)
            let id = try #require(answer["installation_id"]?.string)
            let secret = try #require(answer["installation_secret"]?.string)
            gateway.test.clock.advance(by: 3600)
            let response = try await client.send(
                client.heartbeat(id, seats: 7), signedWith: secret)
            #expect(response.status == 200)
            #expect(response.json.object?.names == ["license_jwt", "heartbeat_interval_ms"])
            #expect(response.json["heartbeat_interval_ms"] == 21_600_000)
            let claims = try await client.claims(response.json)
            #expect(claims["seat_count"] == 7)
            #expect(claims["config"] == [:])
            #expect(claims["expires_at"] == nil)
            #expect(claims["license_type"] == "enterprise_trial")
            let kept = try #require(
                try await gateway.vendor.records.installations.installation(id: id))
            #expect(kept.report?["seat_count"] == 7)
            #expect(kept.lastCheckIn == gateway.test.clock.now)
        }
    }

    /// A license that is not valid: the token says so, and the next check-in is in an hour.
    @Test(arguments: ["suspended", "revoked", "expired"])
    func aLicenseThatIsNotValid(_ status: String) async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issueForNocoDB()
            let client = NocoDBTestClient(gateway: gateway)
            let answer = try await client.register(key)
            if let stored = LicenseRecord.Status(rawValue: status) {
                _ = try await gateway.vendor.records.licenses.change(
                    license.id, as: "license.status", by: gateway.test.actor, at: Date()
                ) { $0.status = stored }
            } else {
                gateway.test.clock.advance(by: 91 * 86400)
            }
            let response = try await client.send(
                client.heartbeat(try #require(answer["installation_id"]?.string)),
                signedWith: try #require(answer["installation_secret"]?.string))
            let again = try await client.register(key)
            for answer in [response.json, again] {
                #expect(answer["heartbeat_interval_ms"] == 3_600_000)
                #expect(try await client.claims(answer)["status"] == .string(status))
            }
        }
    }

    @Test func aTermThatIsPutOffIsNotValid() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issueForNocoDB()
            let client = NocoDBTestClient(gateway: gateway)
            let answer = try await client.register(key)
            let begins = gateway.test.clock.now.addingTimeInterval(86400)
            _ = try await gateway.vendor.records.licenses.change(
                license.id, as: "license.edit", by: gateway.test.actor, at: Date()
            ) { $0.terms.begins = begins }
            for (status, interval) in [("suspended", 3_600_000), ("active", 21_600_000)] {
                let response = try await client.send(
                    client.heartbeat(try #require(answer["installation_id"]?.string)),
                    signedWith: try #require(answer["installation_secret"]?.string))
                #expect(try await client.claims(response.json)["status"] == .string(status))
                #expect(response.json["heartbeat_interval_ms"]?.integer == Int64(interval))
                gateway.test.clock.advance(by: 86400)
            }
        }
    }

    @Test func anAirgappedRegistrationHoldsUntilTheEnd() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issueForNocoDB(.airgapped)
            let client = NocoDBTestClient(gateway: gateway)
            let end = Int64(try #require(license.terms.expires).timeIntervalSince1970)
            // NocoDB's client asks so only when the key begins with its own letters.
            let spelled = "nc_ag_" + key.text.reveal().dropFirst(6)
            for more: JSONObject in [
                ["airgapped": true], ["airgapped": true, "license_key": .string(spelled)],
            ] {
                let answer = try await client.register(key, more)
                #expect(answer["heartbeat_interval_ms"] == 0)
                let claims = try await client.claims(answer)
                #expect(claims["airgapped"] == true)
                #expect(claims["exp"] == .integer(end))
                #expect(claims["instance_id"] == "noco-1")
            }
            // A client that will ask again is not told never to: it would ask without a pause.
            let connected = try await client.register(key)
            #expect(connected["heartbeat_interval_ms"] == 21_600_000)
            #expect(try await client.claims(connected)["airgapped"] == false)
        }
    }

    @Test func aClientMayNameItsDatabaseOrNothing() async throws {
        try await TestGateway.run { gateway in
            let (_, first) = try await gateway.test.issueForNocoDB()
            var client = NocoDBTestClient(gateway: gateway)
            client.instance = ["db_fingerprint": "pg:1"]
            let named = try await client.register(first)
            #expect(named["installation_secret"]?.string?.hasPrefix("fp:") == true)
            let claims = try await client.claims(named)
            #expect(claims["instance_id"] == "pg:1")
            #expect(claims["db_fingerprint"] == "pg:1")

            let (_, second) = try await gateway.test.issueForNocoDB()
            client.instance = [:]
            let unnamed = try await client.register(second)
            let secret = try #require(unnamed["installation_secret"]?.string)
            #expect(!secret.hasPrefix("fp:"))
            #expect(try await client.claims(unnamed)["instance_id"] == nil)
            let id = try #require(unnamed["installation_id"]?.string)
            let heartbeat = try await client.send(client.heartbeat(id), signedWith: secret)
            #expect(heartbeat.status == 200)
            // Nobody can say that it is the same one.
            for instance: JSONObject in [[:], ["instance_id": "other"]] {
                client.instance = instance
                let again = try await client.send(client.registration(second))
                #expect(again.status == 400)
                #expect(again.code == "license.key-mismatch")
                #expect(again.json["message"]?.string?.contains("already activated") == true)
            }
        }
    }

    @Test func telemetryIsAcknowledged() async throws {
        try await TestGateway.run { gateway in
            let client = NocoDBTestClient(gateway: gateway)
            let response = try await client.send([
                "type": "telemetry", "timestamp": client.timestamp, "version": 0, "x": [1],
            ])
            #expect(response.status == 200)
            #expect(
                response.json == ["status": "telemetry_received", "timestamp": client.timestamp])
        }
    }

    /// A license that NocoDB holds is clearly refused to version 1, and the other way round.
    @Test func theTwoProtocolsDoNotMix() async throws {
        try await TestGateway.run { gateway in
            let client = NocoDBTestClient(gateway: gateway)
            let instance = TestInstance(gateway)
            let (_, theirs) = try await gateway.test.issueForNocoDB()
            let answer = try await client.register(theirs)
            let refused = try await instance.send(register: theirs)
            #expect(refused.status == 409)
            #expect(refused.code == "license.key-mismatch")
            #expect(refused.json["detail"]?.string?.contains("nocodb:noco-1") == true)
            let id = try #require(answer["installation_id"]?.string)
            let secret = try #require(answer["installation_secret"]?.string)
            let raw = try #require(Hex.decode(String(secret.dropFirst(3))))
            for secret in [Array(secret.utf8), raw] {
                let response = try await instance.send(
                    instance.heartbeat(id), signedWith: Secret(secret))
                #expect(response.status == 401)
                #expect(response.code == "license.check-in-signature")
            }

            let (_, ours) = try await gateway.test.issueForNocoDB()
            let registration = try await instance.register(ours)
            let taken = try await client.send(client.registration(ours))
            #expect(taken.status == 400)
            #expect(taken.code == "license.key-mismatch")
            #expect(taken.json["message"]?.string?.contains(instance.id.description) == true)
            let foreign = try await client.send(
                client.heartbeat(registration.installation.id), signedWith: "any")
            #expect(foreign.code == "license.installation-not-found")
            #expect(foreign.status == 400)
        }
    }
}
