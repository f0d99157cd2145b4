import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Testing

@testable import Gateway

/// NocoDB's license client, as far as the wire goes.
struct NocoDBTestClient: Sendable {
    let gateway: TestGateway
    var instance: JSONObject = ["instance_id": "noco-1"]

    var timestamp: JSONValue {
        .integer(Int64(gateway.test.clock.now.timeIntervalSince1970 * 1000))
    }

    func registration(_ key: LicenseKey, _ more: JSONObject = [:]) -> JSONObject {
        var body: JSONObject = [
            "type": "register", "timestamp": timestamp, "version": 0,
            "license_key": .string(key.text.reveal()),
        ]
        for (name, value) in instance { body[name] = value }
        body["environment"] = ["version": "0.301.0", "platform": "linux", "domains": ["a.example"]]
        for (name, value) in more { body[name] = value }
        return body
    }

    func register(_ key: LicenseKey, _ more: JSONObject = [:]) async throws -> JSONValue {
        let response = try await send(registration(key, more))
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return response.json
    }

    func heartbeat(_ id: String, seats: Int64 = 3) -> JSONObject {
        [
            "type": "heartbeat", "timestamp": timestamp, "version": 0,
            "installation_id": .string(id), "seat_count": .integer(seats),
            "environment": ["domains": [], "version": "0.301.0", "platform": "linux"],
        ]
    }

    /// Signs fields and sends them, the signature last.
    func send(_ fields: JSONObject, signedWith secret: String) async throws -> HTTPResponse {
        var body = fields
        body["signature"] = .string(Self.signature(JSONValue.object(fields).compactBytes, secret))
        return try await send(body)
    }

    func send(_ body: JSONObject) async throws -> HTTPResponse {
        try await send(JSONValue.object(body).compactBytes)
    }

    func send(_ body: [UInt8]) async throws -> HTTPResponse {
        try await gateway.send("POST", TestInstance.path, body: body)
    }

    static func signature(_ text: [UInt8], _ secret: String) -> String {
        Hex.encode(HMAC.sha256(key: Secret(Array(secret.utf8)), message: text))
    }

    /// The claims of an answer's token, which the gateway's key has signed.
    func claims(_ answer: JSONValue) async throws -> JSONValue {
        let token = try #require(answer["license_jwt"]?.string)
        let parts = token.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        let key = try await gateway.vendor.nocoDBKey().publicKey
        #expect(
            key.isValidSignature(
                try #require(Base64URL.decode(parts[2])),
                of: Array("\(parts[0]).\(parts[1])".utf8), scheme: .rsaPKCS1SHA256))
        let header = try parseJSON(try #require(Base64URL.decode(parts[0])))
        #expect(header["alg"] == "RS256")
        return try parseJSON(try #require(Base64URL.decode(parts[1])))
    }
}
