import CanonicalJSON
import Cryptography
import FoundationEssentials
import HTTPTransfer
import Licensing
import Storage
import Testing

@testable import Gateway

struct NocoDBRefusalTests {
    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let code: String
        let send: @Sendable (NocoDBTestClient) async throws -> HTTPResponse

        init(
            _ description: String, _ code: String,
            _ send: @escaping @Sendable (NocoDBTestClient) async throws -> HTTPResponse
        ) {
            testDescription = description
            self.code = code
            self.send = send
        }
    }

    /// Registers and sends a heartbeat with other members than it was signed with.
    private static func heartbeat(
        _ client: NocoDBTestClient, changing changes: JSONObject = [:]
    ) async throws -> HTTPResponse {
        let (_, key) = try await client.gateway.test.issueForNocoDB()
        let answer = try await client.register(key)
        var body = client.heartbeat(try #require(answer["installation_id"]?.string))
        body["signature"] = .string(
            NocoDBTestClient.signature(
                JSONValue.object(body).compactBytes,
                try #require(answer["installation_secret"]?.string)))
        for (name, value) in changes { body[name] = value }
        return try await client.send(body)
    }

    private static func register(
        _ client: NocoDBTestClient, _ mode: LicenseMode = .standard, with more: JSONObject
    ) async throws -> HTTPResponse {
        let (_, key) = try await client.gateway.test.issueForNocoDB(mode)
        return try await client.send(client.registration(key, more))
    }

    private static func register(
        _ client: NocoDBTestClient, status: LicenseRecord.Status
    ) async throws -> HTTPResponse {
        let (_, key) = try await client.gateway.test.issue(["@acme/x"], status: status)
        return try await client.send(client.registration(key))
    }

    static let refusals = [
        Refusal("another installation", "license.key-mismatch") {
            let (_, key) = try await $0.gateway.test.issueForNocoDB()
            _ = try await $0.register(key)
            return try await $0.send($0.registration(key, ["instance_id": "noco-2"]))
        },
        Refusal("already activated by one without a name", "license.key-mismatch") {
            let (_, key) = try await $0.gateway.test.issueForNocoDB()
            _ = try await $0.register(key, ["instance_id": nil])
            return try await $0.send($0.registration(key, ["instance_id": nil]))
        },
        Refusal("airgapped without expiry", "license.airgap-refused") {
            let (_, key) = try await $0.gateway.test.issueForNocoDB(expires: nil)
            return try await $0.send($0.registration(key, ["airgapped": true]))
        },
        Refusal("airgapped with a standard license", "license.airgap-refused") {
            try await register($0, with: ["airgapped": true])
        },
        Refusal("clock ahead", "clock.skewed") { client in
            let time = try #require(client.timestamp.integer)
            return try await register(client, with: ["timestamp": .integer(time + 300_001)])
        },
        Refusal("clock behind", "clock.skewed") { client in
            let time = try #require(client.timestamp.integer)
            return try await register(client, with: ["timestamp": .integer(time - 300_001)])
        },
        Refusal("clock beyond all numbers", "clock.skewed") {
            try await register($0, with: ["timestamp": .integer(.min)])
        },
        Refusal("suspended", "license.suspended") { try await register($0, status: .suspended) },
        Refusal("revoked", "license.revoked") { try await register($0, status: .revoked) },
        Refusal("a term that is to come", "license.not-yet-valid") { client in
            let begins = client.gateway.test.clock.now.addingTimeInterval(1)
            let (license, key) = try await client.gateway.test.issue(["@acme/x"]) {
                $0.begins = begins
            }
            let early = try await client.send(client.registration(key))
            let installations = client.gateway.vendor.records.installations
            #expect(try await installations.all(of: license.id).isEmpty)
            #expect(early.json["message"]?.string?.contains(begins.wireText) == true)
            client.gateway.test.clock.advance(by: 1)
            #expect(
                try await client.claims(try await client.register(key))["status"] == "active")
            return early
        },
        Refusal("unknown key", "license.key-invalid") {
            let (_, key) = try await $0.gateway.test.issueForNocoDB()
            let other = LicenseKey.make(
                mode: .standard, secretBytes: SecureRandom.bytes(16),
                rootFingerprint: key.rootFingerprint)
            return try await $0.send($0.registration(other))
        },
        Refusal("a key of NocoDB's", "license.key-format") {
            try await register($0, with: ["license_key": "nc_0123456789"])
        },
        Refusal("a changed field", "license.check-in-signature") {
            try await heartbeat($0, changing: ["seat_count": 2])
        },
        Refusal("a field more", "license.check-in-signature") {
            try await heartbeat($0, changing: ["more": true])
        },
        Refusal("no hexadecimal signature", "license.check-in-signature") {
            try await heartbeat($0, changing: ["signature": "no"])
        },
        Refusal("no signature", "license.check-in-malformed") {
            try await heartbeat($0, changing: ["signature": nil])
        },
        Refusal("unknown installation", "license.installation-not-found") {
            try await $0.send($0.heartbeat("ins_none"), signedWith: "any")
        },
        Refusal("a released installation", "license.installation-not-found") {
            let (_, key) = try await $0.gateway.test.issueForNocoDB()
            let answer = try await $0.register(key)
            let id = try #require(answer["installation_id"]?.string)
            try await $0.gateway.vendor.records.installations.release(
                id, by: $0.gateway.test.actor, at: $0.gateway.test.clock.now)
            return try await $0.send(
                $0.heartbeat(id),
                signedWith: try #require(answer["installation_secret"]?.string))
        },
        Refusal("unknown type", "license.check-in-malformed") {
            try await register($0, with: ["type": "release"])
        },
        Refusal("no version and nothing else", "license.check-in-malformed") {
            try await $0.send([UInt8]("{}".utf8))
        },
    ]

    @Test(arguments: refusals) func refusesWithAMessage(_ refusal: Refusal) async throws {
        try await TestGateway.run { gateway in
            let response = try await refusal.send(NocoDBTestClient(gateway: gateway))
            #expect(response.status == 400)
            #expect(response.code == refusal.code)
            #expect(response.json["message"] == response.json["detail"])
            #expect(response.json["message"]?.string?.isEmpty == false)
        }
    }

    /// Every member of every request in every wrong form: refused, or taken where the form is free.
    @Test func noBodyIsAFailureOfTheGateway() async throws {
        try await TestGateway.run { gateway in
            let client = NocoDBTestClient(gateway: gateway)
            let (_, key) = try await gateway.test.issueForNocoDB()
            let wrong: [JSONValue?] = [
                nil, .null, true, -1, .number(0.5), .integer(.max), .integer(.min), "", "x",
                .string(String(repeating: "é", count: 300)), "\u{0}\u{1B}[31m", [], [[:]],
                [:], ["nocodb": 1], ["domains": .number(1e300)],
            ]
            let requests = [
                client.registration(key, ["airgapped": false]),
                client.heartbeat("ins_none"),
                ["type": "telemetry", "timestamp": client.timestamp, "version": 0],
            ]
            for request in requests {
                for name in request.names + ["signature"] {
                    for value in wrong {
                        var body = request
                        body[name] = value
                        let response = try await client.send(body)
                        #expect(
                            [200, 400, 409].contains(response.status),
                            "\(name) = \(value.debugDescription): \(response.status)")
                    }
                }
                let bytes = JSONValue.object(request).compactBytes
                for count in bytes.indices {
                    let cut = try await client.send(Array(bytes.prefix(count)))
                    #expect(cut.status == 400)
                }
            }
        }
    }
}
