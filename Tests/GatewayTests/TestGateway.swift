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

/// A time that stands still until a test moves it.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    init(_ time: Date) {
        self.time = Mutex(time)
    }

    var now: Date { time.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        time.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}

/// Runs the body with a vendor's data folder and the folder around it.
///
/// Closes the records before the folder goes: SQLite removes files of its own then.
func withTestVendor(
    settings: [String: String] = [:], isAnother: Bool = false,
    _ body: (_ test: TestVendor, _ folder: FilePath) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let test = try await TestVendor(in: folder, settings, isAnother: isAnother)
        defer { try? test.vendor.records.close() }
        try await body(test, folder)
    }
}

extension Setup {
    /// Runs, and returns what it told.
    func made(by actor: Actor) async throws -> Result {
        var told: Result?
        try await run(by: actor) { told = $0 }
        return try #require(told)
    }
}

/// What was logged.
final class LogLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiting: [(text: String, continuation: CheckedContinuation<String, Never>)] = []
    }

    private let state = Mutex(State())

    func append(_ line: [UInt8]) {
        let line = String(decoding: line, as: UTF8.self)
        let answered = state.withLock { state in
            state.lines.append(line)
            let answered = state.waiting.filter { line.contains($0.text) }
            state.waiting.removeAll { line.contains($0.text) }
            return answered
        }
        for waiting in answered { waiting.continuation.resume(returning: line) }
    }

    var text: String { state.withLock { $0.lines.joined() } }

    /// The first line with the text in it, once it is there: a request's line comes when its last byte
    /// is out, which may be after the client has it.
    func line(with text: String) async -> String {
        await withCheckedContinuation { continuation in
            let line = state.withLock { state -> String? in
                let line = state.lines.first { $0.contains(text) }
                if line == nil { state.waiting.append((text, continuation)) }
                return line
            }
            if let line { continuation.resume(returning: line) }
        }
    }
}

/// A vendor's data folder, made for one test.
struct TestVendor: Sendable {
    static let profile = VendorProfile(
        name: "Acme", hostPackage: try? PackageName("@acme/app"), channels: ["latest", "next"],
        freePlugins: Set([try? PackageName("@acme/free")].compactMap(\.self)),
        links: VendorProfile.Links(support: "https://acme.example/support"))

    let folder: FilePath
    let vendor: Vendor
    let clock: TestClock
    let adminToken: Secret<String>
    let actor = Actor("test")

    /// A folder as `tollgate init` leaves it, made once.
    private struct Initial: Sendable {
        let image: FolderImage
        let adminToken: Secret<String>
        let made: Date
    }

    private static let usual = Task { try await makeInitial() }

    private static func makeInitial() async throws -> Initial {
        try await withTemporaryFolder { folder in
            let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
            let setup = Setup(
                DataFolder(folder.appending("data")), profile: profile,
                settings: try VendorSettings(url: "https://plugins.acme.example/"), now: now)
            let token = try await setup.made(by: Actor("test")).adminToken
            return Initial(
                image: try FolderImage(of: folder.appending("data")), adminToken: token, made: now)
        }
    }

    /// Makes the folder below `folder`; the present time is that at which it was made, in whole seconds.
    ///
    /// - Parameters:
    ///   - folder: where
    ///   - changes: settings by their names
    ///   - isAnother: it has keys of its own; all others have the same
    /// - Throws: what making it throws.
    init(
        in folder: FilePath, _ changes: [String: String] = [:], isAnother: Bool = false
    ) async throws {
        let initial = isAnother ? try await Self.makeInitial() : try await Self.usual.value
        let clock = TestClock(initial.made)
        let data = DataFolder(folder.appending("data"))
        try initial.image.write(to: data.path)
        var settings = try VendorSettings(url: "https://plugins.acme.example/")
        for (name, value) in changes { try settings.set(name, to: value) }
        adminToken = initial.adminToken
        vendor = try Vendor(opening: data, settings: settings) { clock.now }
        self.folder = folder
        self.clock = clock
    }

    /// Publishes and signs a plugin with a file besides its manifest.
    @discardableResult
    func publish(
        _ name: String, _ version: String, _ options: PublishOptions = PublishOptions()
    ) async throws -> Release {
        let tarball = try TestPackage(name, version).pack(in: folder)
        guard case .published(let release) = try await vendor.publish(tarball, options, by: actor)
        else { throw TestFailure("\(name)@\(version) was there before") }
        try await vendor.signMetadata()
        return release
    }

    func issue(
        _ plugins: [String], mode: LicenseMode = .standard, updatesUntil: Date? = nil,
        status: LicenseRecord.Status = .active, _ change: (inout LicenseTerms) -> Void = { _ in }
    ) async throws -> (LicenseRecord, LicenseKey) {
        var terms = LicenseTerms(
            mode: mode,
            grants: plugins.map { LicenseTerms.Grant(plugin: $0, updatesUntil: updatesUntil) })
        change(&terms)
        let (license, key) = try await vendor.issueLicense(to: "Beta GmbH", terms, by: actor)
        guard status != .active else { return (license, key) }
        let changed = try await vendor.records.licenses.change(
            license.id, as: "license.status", by: actor, at: clock.now
        ) { $0.status = status }
        return (changed, key)
    }
}

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
