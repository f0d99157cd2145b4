import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Storage
import Testing

@testable import Gateway

struct CheckInTests {
    @Test func theSameQuestionGetsTheSameInstallation() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let first = try await instance.register(key)
            let again = try await instance.register(key)
            #expect(first.installation == again.installation)
            let claims = try UnverifiedLicenseToken(again.token.reveal())
                .verified(by: gateway.vendor.keys.licenseKeySet()).claims
            #expect(claims.licenseID == license.id)
            #expect(claims.nonce == "nonce-of-register")
            #expect(claims.instances == [InstanceBinding(id: instance.id)])
            #expect(claims.facts == instance.facts.salted(with: [1, 2, 3]))
            #expect(claims.expires == gateway.test.clock.now.addingTimeInterval(48 * 3600))
            #expect(claims.issuer == "https://plugins.acme.example")
            let status = evaluate(
                [
                    try UnverifiedLicenseToken(again.token.reveal())
                        .verified(by: gateway.vendor.keys.licenseKeySet())
                ],
                instance: instance.id, facts: instance.facts, memory: LicenseMemory(),
                now: gateway.test.clock.now)
            #expect(status.state == .active)
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let code: String
        let send: @Sendable (TestGateway) async throws -> HTTPResponse
    }

    static let refusals = [
        Refusal(testDescription: "another instance", status: 409, code: "license.key-mismatch") {
            let (_, key) = try await $0.test.issue(["@acme/x"])
            _ = try await TestInstance($0).register(key)
            return try await TestInstance($0, named: "two").send(register: key)
        },
        Refusal(testDescription: "unknown key", status: 404, code: "license.key-invalid") {
            let (_, key) = try await $0.test.issue(["@acme/x"])
            let other = LicenseKey.make(
                mode: .standard, secretBytes: SecureRandom.bytes(16),
                rootFingerprint: key.rootFingerprint)
            return try await TestInstance($0).send(register: other)
        },
        Refusal(testDescription: "cut key", status: 400, code: "license.key-format") {
            let (_, key) = try await $0.test.issue(["@acme/x"])
            let instance = TestInstance($0)
            let body = RegisterRequest(
                key: key, instance: instance.id, facts: instance.facts.salted(with: [1]),
                environment: TestInstance.environment, nonce: "n"
            ).body.reveal()
            // Its last character, and with it the checksum.
            let text = Array(key.text.reveal().utf8)
            let position = try #require(
                body.indices.first { body[$0...].starts(with: text) })
            var cut = body
            cut.remove(at: position + text.count - 1)
            return try await $0.send("POST", TestInstance.path, body: cut)
        },
        Refusal(testDescription: "revoked license", status: 403, code: "license.revoked") {
            let (_, key) = try await $0.test.issue(["@acme/x"], status: .revoked)
            return try await TestInstance($0).send(register: key)
        },
        Refusal(testDescription: "suspended license", status: 403, code: "license.suspended") {
            let (_, key) = try await $0.test.issue(["@acme/x"], status: .suspended)
            return try await TestInstance($0).send(register: key)
        },
        Refusal(
            testDescription: "foreign signature", status: 401, code: "license.check-in-signature"
        ) {
            let (_, key) = try await $0.test.issue(["@acme/x"])
            let instance = TestInstance($0)
            let id = try await instance.register(key).installation.id
            return try await instance.send(
                instance.heartbeat(id), signedWith: Secret(SecureRandom.bytes(32)))
        },
        Refusal(testDescription: "no signature", status: 401, code: "license.check-in-signature") {
            let (_, key) = try await $0.test.issue(["@acme/x"])
            let instance = TestInstance($0)
            let id = try await instance.register(key).installation.id
            return try await $0.send(
                "POST", TestInstance.path, body: instance.heartbeat(id).compactBytes)
        },
        Refusal(
            testDescription: "unknown installation", status: 404,
            code: "license.installation-not-found"
        ) {
            let instance = TestInstance($0)
            return try await instance.send(
                instance.heartbeat("ins_none"), signedWith: Secret(SecureRandom.bytes(32)))
        },
        Refusal(testDescription: "no JSON", status: 400, code: "license.check-in-malformed") {
            try await $0.send("POST", TestInstance.path, body: Array("{".utf8))
        },
        Refusal(testDescription: "too large", status: 413, code: "gateway.request-too-large") {
            try await $0.send(
                "POST", TestInstance.path, body: [UInt8](repeating: 0x20, count: 1 << 20 + 1))
        },
    ]

    @Test(arguments: refusals) func refusesWithACode(_ refusal: Refusal) async throws {
        try await TestGateway.run { gateway in
            let response = try await refusal.send(gateway)
            #expect(response.code == refusal.code)
            #expect(response.status == refusal.status)
            #expect(response.json["request_id"]?.string == response.header("X-Request-ID"))
        }
    }

    @Test func heartbeatKeepsTheReportAndRenewsTheToken() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let installation = try await instance.register(key).installation
            gateway.test.clock.advance(by: 3600)
            let response = try await instance.send(
                instance.heartbeat(installation.id), signedWith: installation.secret)
            let answer = try CheckInResponse(body: response.body)
            #expect(answer.nextCheckIn == Int64(6 * 3600))
            #expect(answer.serverTime == gateway.test.clock.now)
            let token = try #require(answer.licenseToken?.reveal())
            let claims = try UnverifiedLicenseToken(token)
                .verified(by: gateway.vendor.keys.licenseKeySet()).claims
            #expect(claims.nonce == "nonce-of-heartbeat")
            let kept = try #require(
                try await gateway.vendor.records.installations.installation(id: installation.id))
            #expect(kept.report?["plugins"]?.array?.count == 1)
            #expect(kept.report?["mismatches"]?.array?.count == 1)
            #expect(kept.lastCheckIn == gateway.test.clock.now)

            // The same check-in again, whose answer was lost: answered.
            let again = try await instance.send(
                instance.heartbeat(installation.id), signedWith: installation.secret)
            #expect(try CheckInResponse(body: again.body).notices == [])
            // Another with the same counter: answered, and flagged.
            let other = try await instance.send(
                instance.heartbeat(installation.id, nonce: "other"),
                signedWith: installation.secret)
            #expect(try CheckInResponse(body: other.body).notices.count == 1)
            #expect(
                try await gateway.vendor.records.installations.installation(id: installation.id)?
                    .flagged == gateway.test.clock.now)
            let actions = try await gateway.vendor.records.audit.entries(about: license.id)
                .map(\.action)
            #expect(actions.filter { $0 == "check-in.counter-repeated" }.count == 1)

            // Many times in an hour are one line of the audit log, an hour later there is another.
            for (seconds, lines) in [(1.0, 1), (3598, 1), (1, 2), (2, 2)] {
                gateway.test.clock.advance(by: seconds)
                let repeated = try await instance.send(
                    instance.heartbeat(installation.id, nonce: "after \(seconds) \(lines)"),
                    signedWith: installation.secret)
                #expect(repeated.status == 200)
                let actions = try await gateway.vendor.records.audit.entries(about: license.id)
                    .map(\.action)
                #expect(actions.filter { $0 == "check-in.counter-repeated" }.count == lines)
            }
        }
    }

    /// A container without a volume begins with an empty storage folder at each start.
    @Test func whoRegistersAgainCountsAnewAndTwoWhoCountAreFlagged() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            func beat(
                _ installation: CheckInResponse.Installation, _ counter: Int64, _ nonce: String
            ) async throws -> Int {
                let response = try await instance.send(
                    instance.heartbeat(installation.id, counter: counter, nonce: nonce),
                    signedWith: installation.secret)
                return try CheckInResponse(body: response.body).notices.count
            }
            let installation = try await instance.register(key).installation
            #expect(try await beat(installation, 7, "first") == 0)
            _ = try await instance.register(key)
            #expect(try await beat(installation, 1, "after a restart") == 0)
            // The first one is still there with a folder of its own.
            #expect(try await beat(installation, 8, "first again") == 1)
            #expect(try await beat(installation, 2, "the other again") == 1)
        }
    }

    /// It is answered and flagged; what was told later stays.
    @Test func anEarlierCheckInThatComesAgainReplacesNothing() async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let installation = try await instance.register(key).installation
            let installations = gateway.vendor.records.installations
            func beat(_ counter: Int64, seats: Int64) async throws -> Int64? {
                let response = try await instance.send(
                    instance.heartbeat(
                        installation.id, counter: counter, seats: seats,
                        nonce: "of \(counter) with \(seats)"),
                    signedWith: installation.secret)
                let token = try CheckInResponse(body: response.body).licenseToken
                #expect(try gateway.claims(token).nonce == "of \(counter) with \(seats)")
                return try await installations.installation(id: installation.id)?.report?["seats"]?
                    .integer
            }
            #expect(try await beat(1, seats: 10) == 10)
            #expect(try await beat(2, seats: 20) == 20)
            #expect(try await beat(2, seats: 20) == 20)
            for (counter, seats) in [(1, 10), (2, 21)] {
                gateway.test.clock.advance(by: 1)
                #expect(try await beat(Int64(counter), seats: Int64(seats)) == 20)
                let kept = try await installations.installation(id: installation.id)
                #expect(kept?.flagged == gateway.test.clock.now)
                #expect(kept?.counter == 2)
            }
            #expect(try await beat(3, seats: 30) == 30)
            // The count is a new one, and the earlier check-in no newer for that.
            _ = try await instance.register(key)
            #expect(try await beat(2, seats: 20) == 30)
            #expect(try await beat(4, seats: 40) == 40)
        }
    }

    struct Count: CustomTestStringConvertible {
        enum Step: Sendable {
            /// Registers again, after that many hours.
            case register(after: Double)
            /// Checks in after that many hours; whether it is flagged.
            case beat(Int64, after: Double, Bool)
        }

        let testDescription: String
        let steps: [Step]
    }

    private static let day: [Count.Step] = [
        .register(after: 6), .beat(1, after: 6, false), .beat(2, after: 6, false),
    ]

    private static func copyOfADay(_ last: Int64) -> [Count.Step] {
        [
            .beat(last + 1, after: 6, false), .beat(last + 2, after: 6, false),
            .beat(last + 3, after: 6, false), .register(after: 2), .beat(last + 4, after: 4, true),
        ]
    }

    static let counts: [Count] = [
        Count(
            testDescription: "a container that begins anew each day",
            steps: Array(repeating: day, count: 5).flatMap(\.self) + [
                .beat(3, after: 6, false), .beat(4, after: 6, false),
            ]),
        Count(
            testDescription: "one that begins anew and does not get through for a while",
            steps: [
                .beat(1, after: 0, false), .register(after: 1), .beat(4, after: 3, false),
                .beat(11, after: 6, false),
            ]),
        Count(
            testDescription: "a copy that registers anew before each check-in of the other",
            steps: [
                .beat(5, after: 0, false), .register(after: 0), .beat(6, after: 0, true),
                .register(after: 0), .beat(7, after: 0, true), .register(after: 0),
                .beat(8, after: 0, true),
            ]),
        Count(
            testDescription: "a copy that does so once a day",
            steps: [.beat(20, after: 0, false)] + copyOfADay(20) + copyOfADay(24) + copyOfADay(28)
        ),
        Count(
            testDescription: "a copy that checks in too",
            steps: [
                .beat(9, after: 0, false), .register(after: 0), .beat(1, after: 1, false),
                .beat(10, after: 1, true), .beat(2, after: 1, true), .beat(11, after: 1, false),
            ]),
    ]

    @Test(arguments: counts) func twoWhoCountAreFlaggedAndOneIsNot(_ given: Count) async throws {
        try await TestGateway.run { gateway in
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let installation = try await instance.register(key).installation
            for (number, step) in given.steps.enumerated() {
                switch step {
                case .register(let hours):
                    gateway.test.clock.advance(by: hours * 3600)
                    _ = try await instance.register(key)
                case .beat(let counter, let hours, let isFlagged):
                    gateway.test.clock.advance(by: hours * 3600)
                    let response = try await instance.send(
                        instance.heartbeat(
                            installation.id, counter: counter, nonce: "step \(number)"),
                        signedWith: installation.secret)
                    let notices = try CheckInResponse(body: response.body).notices
                    #expect((notices.count == 1) == isFlagged, "step \(number)")
                }
            }
        }
    }

    @Test func aSuspensionReachesTheInstanceSigned() async throws {
        try await TestGateway.run { gateway in
            let (license, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let installation = try await instance.register(key).installation
            _ = try await gateway.vendor.records.licenses.change(
                license.id, as: "license.suspend", by: gateway.test.actor, at: Date()
            ) { $0.status = .suspended }
            let response = try await instance.send(
                instance.heartbeat(installation.id), signedWith: installation.secret)
            let token = try #require(try CheckInResponse(body: response.body).licenseToken)
            let claims = try UnverifiedLicenseToken(token.reveal())
                .verified(by: gateway.vendor.keys.licenseKeySet()).claims
            #expect(claims.status == .suspended)
            #expect(claims.sequence == 3)
        }
    }

    @Test func aReleaseFreesTheLicenseForAnother() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let registration = try await instance.register(key)
            let release = ReleaseRequest(
                installationID: registration.installation.id, nonce: "n")
            let response = try await instance.send(
                release.json, signedWith: registration.installation.secret)
            #expect(response.status == 200)
            #expect(try CheckInResponse(body: response.body).licenseToken == nil)
            // Its answer was lost: asked again, it is answered again.
            let again = try await instance.send(
                release.json, signedWith: registration.installation.secret)
            #expect(again.status == 200)
            let forged = try await instance.send(
                release.json, signedWith: Secret(SecureRandom.bytes(32)))
            #expect(forged.status == 401)
            let heartbeat = try await instance.send(
                instance.heartbeat(registration.installation.id),
                signedWith: registration.installation.secret)
            #expect(heartbeat.code == "license.installation-not-found")
            _ = try await TestInstance(gateway, named: "two").register(key)
            let left = try await gateway.send(
                "GET", "/@acme/x/-/x-1.0.0.tgz", token: registration.token)
            #expect(left.code == "registry.credentials-invalid")
        }
    }
}
