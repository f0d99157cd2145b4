import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Packages
import Storage
import Tarball
import TestSupport
import Testing

@testable import Gateway

/// Tokens that end when they should, and requests that want too much.
struct TokenTests {
    private func licensee(
        _ gateway: TestGateway
    ) async throws -> (license: LicenseRecord, key: AccessKey) {
        let key = AccessKey.make()
        let (license, _) = try await gateway.vendor.issueLicense(
            to: "Beta GmbH",
            LicenseTerms(grants: [LicenseTerms.Grant(plugin: "@acme/x", updatesUntil: nil)]),
            accessKey: key, by: gateway.test.actor)
        return (license, key)
    }

    @Test func whatWasMadeWithAnAccessKeyEndsWithIt() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (license, key) = try await licensee(gateway)
            let before = try await gateway.logIn(key)
            #expect(try await gateway.send("GET", "/@acme/x", token: before).status == 200)
            // Somebody is in the middle of logging in when the pair is replaced.
            let shown = Credentials(
                asker: .licensee(license), userName: key.id, accessKey: key.id)
            let next = try await gateway.vendor.rotateAccessKey(
                ofLicense: license.id, by: gateway.test.actor)
            let late = try await gateway.vendor.makeToken(for: shown)
            for token in [before, late.token] {
                let response = try await gateway.send("GET", "/@acme/x", token: token)
                #expect(response.code == "registry.credentials-invalid")
            }
            let after = try await gateway.logIn(next)
            #expect(try await gateway.send("GET", "/@acme/x", token: after).status == 200)
        }
    }

    @Test func aTokenOfARevokedLicenseKeyEndsThoughItWasKept() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let token = try await TestInstance(gateway).register(key).token
            #expect(try await gateway.send("GET", "/@acme/x", token: token).status == 200)
            _ = try await gateway.vendor.rotateKey(
                KeyRotationRequest(.license, revokesOld: true, isAtOnce: true),
                by: gateway.test.actor)
            let response = try await gateway.send("GET", "/@acme/x", token: token)
            #expect(response.code == "registry.credentials-invalid")
        }
    }

    @Test func aTokenThatOnlyReadsRevokesItselfAndNoOther() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await licensee(gateway)
            let token = try await gateway.logIn(key)
            let made = try await gateway.send(
                "POST", "/-/npm/v1/tokens", token: token,
                body: JSONValue.object([
                    "password": .string(key.secret.reveal()), "readonly": true,
                ]).compactBytes)
            let readOnly = Secret(try #require(made.json["token"]?.string))
            let path = "/-/npm/v1/tokens/token"
            let other = try await gateway.send(
                "DELETE", "\(path)/\(token.reveal())", token: readOnly)
            #expect(other.code == "registry.publish-forbidden")
            let foreign = try await gateway.send(
                "DELETE", "\(path)/tgt_somebodys-else", token: token)
            #expect(foreign.code == "gateway.record-not-found")
            #expect(!String(decoding: foreign.body, as: UTF8.self).contains("tgt_"))
            let own = try await gateway.send(
                "DELETE", "\(path)/\(readOnly.reveal())", token: readOnly)
            #expect(own.status == 204)
            #expect(
                try await gateway.send("GET", "/-/whoami", token: readOnly).code
                    == "registry.credentials-invalid")
        }
    }

    @Test func thereAreSoManyTokensOfALicense() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await licensee(gateway)
            for _ in 0..<AccessTokenRepository.maximumCount { _ = try await gateway.logIn(key) }
            let response = try await gateway.sendLogin(key)
            #expect(response.status == 409)
            #expect(response.code == "registry.too-many-tokens")
        }
    }

    @Test func aLoginByTheBrowserIsHandedOutOnceAndNobodyShutsOthersOut() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await licensee(gateway)
            let begun = try await gateway.send("POST", "/-/v1/login")
            func path(_ name: String) throws -> String {
                try Self.path(begun, name)
            }
            let (page, done) = (try path("loginUrl"), try path("doneUrl"))
            #expect(try await gateway.send("GET", done).status == 202)
            let form = "user=\(key.id)&password=\(key.secret.reveal())"
            #expect(try await gateway.send("POST", page, body: Array(form.utf8)).status == 200)
            #expect(try await gateway.send("HEAD", done).status == 200)
            let taken = try await gateway.send("GET", done)
            #expect(taken.json["token"]?.string?.hasPrefix("tgt_") == true)
            #expect(try await gateway.send("GET", done).status == 404)
            #expect(try await gateway.send("GET", page).status == 404)

            let first = try await gateway.send("POST", "/-/v1/login")
            let waiting = try Self.path(first, "doneUrl")
            for _ in 0..<60 {
                #expect(try await gateway.send("POST", "/-/v1/login").status == 200)
            }
            // The oldest of this network made way.
            #expect(try await gateway.send("GET", waiting).status == 404)
        }
    }

    /// The path of an address in an answer.
    private static func path(_ response: HTTPResponse, _ name: String) throws -> String {
        let address = try #require(response.json[name]?.string)
        return String(address[try #require(address.firstRange(of: "/-/")).lowerBound...])
    }

    @Test func searchFindsEveryWord() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await licensee(gateway)
            let token = try await gateway.logIn(key)
            for (query, total) in [("acme+x", 1), ("acme%20x", 1), ("acme+y", 0), ("", 1)] {
                let response = try await gateway.send(
                    "GET", "/-/v1/search?text=\(query)", token: token)
                #expect(response.json["total"]?.integer == Int64(total), "\(query)")
            }
            let malformed = try await gateway.send("GET", "/-/v1/search?text=%zz", token: token)
            #expect(malformed.code == "gateway.request-malformed")
        }
    }

    @Test func anAuditThatInflatesTooFarIsRefused() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await licensee(gateway)
            let token = try await gateway.logIn(key)
            let bomb = gzipped(Array("{\"@acme/x\":[".utf8) + Array(repeating: 32, count: 8 << 20))
            let response = try await gateway.send(
                "POST", "/-/npm/v1/security/advisories/bulk", token: token,
                headers: [("Content-Encoding", "gzip")], body: bomb)
            #expect(response.code == "gateway.request-malformed")
        }
    }
}

extension TestGateway {
    /// `npm login` with an access key pair.
    func logIn(_ key: AccessKey) async throws -> Secret<String> {
        Secret(try #require(try await sendLogin(key).json["token"]?.string))
    }

    func sendLogin(_ key: AccessKey) async throws -> HTTPResponse {
        try await send(
            "PUT", "/-/user/org.couchdb.user:\(key.id)",
            body: JSONValue.object([
                "name": .string(key.id), "password": .string(key.secret.reveal()),
            ]).compactBytes)
    }
}
