import Bundle
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import SignedMetadata
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// Who may have a bundle's index signed, and what is signed then.
struct BundleRoutesTests {
    private static let contents: JSONObject = [
        "application_versions": ["2.1.0"], "days": 30,
        "files": [
            ["path": "x", "length": 1, "sha512": .string(String(repeating: "0", count: 128))]
        ],
        "omitted": [],
    ]

    private func ask(
        _ gateway: TestGateway, token: Secret<String>?,
        _ change: (inout JSONObject) -> Void = { _ in }
    ) async throws -> HTTPResponse {
        var body = Self.contents
        change(&body)
        return try await gateway.send(
            "POST", "/api/v1/bundles", token: token, body: JSONValue.object(body).compactBytes)
    }

    @Test func signsWhatIsCurrent() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let response = try await ask(gateway, token: token)
            #expect(response.status == 200, "\(response)")
            let index = try UnverifiedBundleIndex(response.body).verified(
                by: await gateway.vendor.bundleKeys(), now: gateway.vendor.now())
            #expect(index.license == license.id)
            #expect(index.contents.applicationVersions == ["2.1.0"])
            let repository = try gateway.vendor.signedRepository()
            #expect(index.statement.snapshot == repository.timestamp.snapshot)
            #expect(
                index.statement.expires == index.statement.created.addingTimeInterval(30 * 86_400))
        }
    }

    @Test func asksWhoItIs() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            #expect(
                try await ask(gateway, token: nil).code == "registry.credentials-missing")
            #expect(
                try await ask(gateway, token: Secret("none")).code == "registry.credentials-invalid"
            )
            _ = try await gateway.vendor.setStatus(
                .suspended, ofLicense: license.id, as: "license.suspend", by: gateway.test.actor)
            let refused = try await ask(gateway, token: token)
            #expect(refused.status == 403)
            #expect(refused.code == "license.suspended")
        }
    }

    @Test(arguments: ["days", "files", "omitted", "application_versions"])
    func refusesABodyWithout(_ member: String) async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let response = try await ask(gateway, token: token) { $0[member] = nil }
            #expect(response.status == 400)
            #expect(response.code == "gateway.request-malformed")
        }
    }

    @Test(arguments: [-1, 0, 366, Int64.max])
    func refusesATimeThatNoBundleHas(_ days: Int64) async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let response = try await ask(gateway, token: token) { $0["days"] = .integer(days) }
            #expect(response.code == "gateway.request-malformed")
        }
    }

    @Test func aGatewayFromBeforeBundlesMakesItsKey() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            let vendor = gateway.vendor
            // As if there never had been one.
            try FileManager.default.removeItem(
                atPath: vendor.folder.keys.appending("bundle.pem").string)
            let response = try await ask(gateway, token: token)
            #expect(response.status == 200)
            _ = try UnverifiedBundleIndex(response.body).verified(
                by: await vendor.bundleKeys(), now: vendor.now())
        }
    }
}
