import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Logging
import Storage
import Testing

@testable import Gateway

/// What holds for every request.
struct RequestTests {
    struct Problem: CustomTestStringConvertible {
        let method: String
        let path: String
        let status: Int
        let code: String
        var testDescription: String { "\(method) \(path)" }
    }

    @Test(arguments: [
        Problem(method: "GET", path: "/nothing", status: 404, code: "gateway.not-found"),
        Problem(method: "GET", path: "/", status: 404, code: "gateway.not-found"),
        Problem(method: "GET", path: "/a/b/c/d/e", status: 404, code: "gateway.not-found"),
        Problem(method: "GET", path: "/%ff%fe", status: 404, code: "gateway.not-found"),
        Problem(method: "GET", path: "/%zz", status: 404, code: "gateway.not-found"),
        Problem(
            method: "GET", path: "/metadata/lock", status: 404, code: "gateway.not-found"),
        Problem(
            method: "GET", path: "/metadata/..%2fkeys%2froot.pem", status: 404,
            code: "gateway.not-found"),
        Problem(
            method: "GET", path: "/metadata/9.root.json", status: 404, code: "gateway.not-found"),
        Problem(
            method: "GET", path: "/targets/vendor.json", status: 404, code: "gateway.not-found"),
        Problem(
            method: "GET", path: "/targets/..%2f..%2fkeys/root.pem", status: 404,
            code: "gateway.not-found"),
        Problem(
            method: "DELETE", path: "/healthz", status: 405, code: "gateway.method-not-allowed"),
        Problem(
            method: "GET", path: "/api/v1/on-premise/agent", status: 405,
            code: "gateway.method-not-allowed"),
        Problem(
            method: "PUT", path: "/@acme%2fx", status: 405, code: "gateway.method-not-allowed"),
        Problem(method: "LOCK", path: "/healthz", status: 404, code: "gateway.not-found"),
    ])
    func aRefusalIsAProblemDocument(_ problem: Problem) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.send(problem.method, problem.path)
            #expect(response.status == problem.status)
            #expect(response.code == problem.code)
            #expect(response.json["status"]?.integer == Int64(problem.status))
            #expect(response.json["request_id"]?.string == response.header("X-Request-ID"))
        }
    }

    struct IDCase {
        let sent: String
        let isTaken: Bool
    }

    @Test(arguments: [
        IDCase(sent: "01JD5Z8M2QH6X0", isTaken: true),
        IDCase(sent: "run-7.step_2", isTaken: true),
        IDCase(sent: "short", isTaken: false),
        IDCase(sent: "has a space in it", isTaken: false),
        IDCase(sent: "quote\"quote\"", isTaken: false),
        IDCase(sent: String(repeating: "x", count: 129), isTaken: false),
    ])
    func theRequestIDIsTakenWhenHarmless(_ given: IDCase) async throws {
        try await TestGateway.run { gateway in
            let response = try await gateway.send(
                "GET", "/healthz", headers: [("X-Request-ID", given.sent)])
            let id = try #require(response.header("X-Request-ID"))
            #expect((id == given.sent) == given.isTaken)
            #expect(gateway.logs.text.contains("\"request_id\":\"\(id)\""))
        }
    }

    @Test func readinessNamesWhatIsMissing() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.send("GET", "/readyz").status == 200)
            gateway.test.clock.advance(by: 25 * 3600)
            let response = try await gateway.send("GET", "/readyz")
            #expect(response.code == "gateway.not-ready")
            #expect(response.status == 503)
            #expect(response.json["detail"]?.string?.contains("fresh signed metadata") == true)
            #expect(try await gateway.send("GET", "/healthz").status == 200)
        }
    }

    @Test func noSecretIsLogged() async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/x", "1.0.0")
            let (_, key) = try await gateway.test.issue(["@acme/x"])
            let instance = TestInstance(gateway)
            let registration = try await instance.register(key)
            _ = try await TestInstance(gateway, named: "two").send(register: key)
            let secret = registration.installation.secret
            _ = try await instance.send(
                instance.heartbeat(registration.installation.id), signedWith: secret)
            for token in [registration.token, Secret("broken.\(registration.token.reveal())")] {
                _ = try await gateway.send("GET", RegistryTests.tarball, token: token)
                _ = try await gateway.send(
                    "GET", "/healthz?token=\(token.reveal())", token: token)
            }
            let text = gateway.logs.text
            #expect(text.contains("\"path\":\"/api/v1/on-premise/agent\""))
            for secret in [
                key.text.reveal(), registration.token.reveal(),
                InstallationSecret.encode(secret.reveal()), gateway.test.adminToken.reveal(),
            ] {
                #expect(!text.contains(secret))
                #expect(!text.contains(secret.dropFirst(secret.count / 2)))
            }
        }
    }

    @Test func aLogLineIsOneLine() {
        let lines = LogLines()
        for format in LogFormat.allCases {
            var logger = Logger(label: "test") { _ in
                LineLogHandler(format: format) { lines.append($0) }
            }
            logger[metadataKey: "path"] = "/a\nERROR forged\u{1b}[31m"
            logger.info("request\nforged")
        }
        #expect(lines.text.filter { $0 == "\n" }.count == 2)
        #expect(!lines.text.contains("\u{1b}"))
    }
}
