import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Logging
import Packages
import ServiceLifecycle
import Storage
import Synchronization
import SystemPackage
import TerminalOutput
import TestSupport
import Testing

@testable import Gateway

struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A gateway that answers on a port of the kernel's choice, and a client of it.
struct TestGateway: Sendable {
    let test: TestVendor
    let base: String
    let logs: LogLines
    private let client: HTTPClient

    var vendor: Vendor { test.vendor }

    /// Runs the gateway for as long as the body runs.
    static func run(
        requestsEndWithin: Duration = .seconds(10), access: GatewayAccess = .direct,
        limits: ConnectionLimits = ConnectionLimits(), settings: [String: String] = [:],
        isAnother: Bool = false,
        _ body: @Sendable @escaping (TestGateway) async throws -> Void
    ) async throws {
        try await withTestVendor(settings: settings, isAnother: isAnother) { test, _ in
            let logs = LogLines()
            let logger = Logger(label: "test") { _ in
                LineLogHandler(format: .json) { logs.append($0) }
            }
            let client = try HTTPClient(
                HTTPClientConfiguration(
                    userAgent: "test", retry: RetryPolicy(maximumTries: 1)))
            let (ports, port) = AsyncStream<Int>.makeStream()
            let application = GatewayApplication(test.vendor, access, limits, logger: logger)
            let group = application.services(
                host: "127.0.0.1", port: 0, requestsEndWithin: requestsEndWithin
            ) { port.yield($0) }
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                guard let port = await ports.first(where: { _ in true }) else { return }
                let gateway = TestGateway(
                    test: test, base: "http://127.0.0.1:\(port)", logs: logs, client: client)
                let result: Result<Void, any Error>
                do { result = .success(try await body(gateway)) } catch { result = .failure(error) }
                await client.shutDown()
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
                try result.get()
            }
        }
    }

    /// Sends a request; every status is an answer.
    func send(
        _ method: String = "GET", _ path: String, token: Secret<String>? = nil,
        headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest(
                method, base + path, headers: headers.map { HTTPHeader($0.0, $0.1) },
                authorization: token.map { Secret("Bearer \($0.reveal())") }, body: body,
                expectedContent: .anything, acceptedStatuses: Set(300...599)))
    }
}

extension HTTPResponse {
    /// The answer as JSON.
    var json: JSONValue { (try? parseJSON(body)) ?? .null }

    /// The code of a problem document, or nil when it is none.
    var code: String? {
        guard header("Content-Type") == "application/problem+json" else { return nil }
        return json["code"]?.string
    }
}

/// An installation of the application, as far as check-ins go.
struct TestInstance: Sendable {
    static let path = "/api/v1/on-premise/agent"
    static let environment = CheckInEnvironment(
        applicationVersion: "2.0.0", platform: "linux/x86_64", pkgVersion: "0.1.0")

    let gateway: TestGateway
    let facts: InstanceFacts

    init(_ gateway: TestGateway, named name: String = "one") {
        self.gateway = gateway
        facts = InstanceFacts(pinned: name)
    }

    var id: InstanceID { InstanceID(facts: facts) }

    func send(
        register key: LicenseKey, for purpose: BindingPurpose = .activation
    ) async throws -> HTTPResponse {
        let request = RegisterRequest(
            key: key, instance: id, facts: facts.salted(with: [1, 2, 3]),
            environment: Self.environment, nonce: "nonce-of-register")
        let body = purpose == .activation ? request.body : request.rebindBody
        return try await gateway.send("POST", Self.path, body: body.reveal())
    }

    /// Activates, or moves the license here, and returns what the gateway answered.
    func register(
        _ key: LicenseKey, for purpose: BindingPurpose = .activation
    ) async throws -> Registration {
        let response = try await send(register: key, for: purpose)
        #expect(response.status == 200, "\(response.code ?? "")")
        let answer = try CheckInResponse(body: response.body)
        return Registration(
            installation: try #require(answer.installation),
            token: try #require(answer.licenseToken))
    }

    func send(
        _ json: JSONValue, signedWith secret: Secret<[UInt8]>
    ) async throws -> HTTPResponse {
        let body = json.compactBytes
        return try await gateway.send(
            "POST", Self.path,
            headers: [
                (
                    CheckInSignature.headerName,
                    CheckInSignature.make(body: body, secret: secret)
                )
            ], body: body)
    }

    func heartbeat(
        _ id: String, counter: Int64 = 1, seats: Int64? = nil,
        nonce: String = "nonce-of-heartbeat"
    ) -> JSONValue {
        HeartbeatRequest(
            installationID: id, counter: counter, environment: Self.environment,
            plugins: [HeartbeatRequest.InstalledPlugin(name: "@acme/x", version: "1.0.0")],
            mismatches: [
                HeartbeatRequest.ReportedMismatch(
                    name: "@acme/y", reason: "no-release-for-application")
            ], seats: seats, nonce: nonce
        ).json
    }
}

struct Registration: Sendable {
    let installation: CheckInResponse.Installation
    let token: Secret<String>
}

extension TestGateway {
    /// What a token states, after its signature was verified.
    func claims(_ token: Secret<String>?) throws -> LicenseClaims {
        try UnverifiedLicenseToken(try #require(token).reveal())
            .verified(by: vendor.keys.licenseKeySet()).claims
    }
}
