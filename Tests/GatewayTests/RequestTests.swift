import CNIOLinux
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Glibc
import HTTPTransfer
import Licensing
import Logging
import Storage
import Synchronization
import SystemPackage
import TerminalOutput
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
            method: "PATCH", path: "/@acme%2fx", status: 405, code: "gateway.method-not-allowed"),
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
            let lock = try await gateway.holdSigning()
            defer { lock.release() }
            #expect(try await gateway.send("GET", "/readyz").status == 200)
            gateway.test.clock.advance(by: 25 * 3600)
            let response = try await gateway.send("GET", "/readyz")
            #expect(response.code == "gateway.not-ready")
            #expect(response.status == 503)
            #expect(response.json["detail"]?.string?.contains("fresh signed metadata") == true)
            #expect(try await gateway.send("GET", "/healthz").status == 200)
        }
    }

    struct Loss: CustomTestStringConvertible {
        let testDescription: String
        /// What the answer calls it.
        let what: String
        /// What the log has and the answer has not.
        let cause: String
        let lose: @Sendable (TestGateway) throws -> Void
    }

    @Test(arguments: [
        Loss(testDescription: "database", what: "the database", cause: "gateway.data-folder") {
            try $0.vendor.records.close()
        },
        Loss(testDescription: "artifacts", what: "the artifacts", cause: "artifacts/sha512") {
            let kept = $0.vendor.artifacts.root.appending("sha512")
            #expect(rename(kept.string, kept.string + ".lost") == 0)
        },
        Loss(
            testDescription: "room", what: "room for artifacts", cause: "cannot be written"
        ) {
            let incoming = $0.vendor.artifacts.root.appending("incoming")
            #expect(rename(incoming.string, incoming.string + ".lost") == 0)
        },
        Loss(
            testDescription: "timestamp", what: "fresh signed metadata",
            cause: "trust.expired: timestamp.json expired at"
        ) { $0.test.clock.advance(by: 25 * 3600) },
        Loss(testDescription: "metadata", what: "signed metadata", cause: "timestamp") {
            let path = $0.vendor.folder.metadata.appending("timestamp.json")
            #expect(unlink(path.string) == 0)
        },
    ])
    func theLogHasTheCauseOfWhatIsMissing(_ given: Loss) async throws {
        try await TestGateway.run { gateway in
            let lock = try await gateway.holdSigning()
            defer { lock.release() }
            try given.lose(gateway)
            let id = "readiness-1"
            let response = try await gateway.send(
                "GET", "/readyz", headers: [("X-Request-ID", id)])
            #expect(response.code == "gateway.not-ready")
            let detail = try #require(response.json["detail"]?.string)
            #expect(detail == "Missing: \(given.what).")
            let line = await gateway.logs.line(with: id)
            #expect(line.contains(given.cause), "\(line)")
        }
    }

    @Test func theLogHasThePathOfAFileThatIsGone() async throws {
        try await TestGateway.run { gateway in
            let record = try #require(
                try await gateway.vendor.records.signedFiles.current()
                    .first { $0.path == "vendor.json" })
            let path = gateway.vendor.artifacts.path(of: record.sha512)
            #expect(unlink(path.string) == 0)
            let id = "lost-bytes-1"
            let response = try await gateway.send(
                "GET", "/targets/\(record.sha512.hex).vendor.json",
                headers: [("X-Request-ID", id)])
            #expect(response.status == 500)
            #expect(response.code == "gateway.failed")
            #expect(response.json["detail"]?.string?.contains(path.string) == false)
            let line = await gateway.logs.line(with: id)
            #expect(line.contains(record.sha512.hex.dropFirst(2)), "\(line)")
            #expect(line.contains("No such file"), "\(line)")
        }
    }

    /// Somebody asks for a large file and never reads it.
    @Test(.timeLimit(.minutes(20))) func aStuckDownloadDoesNotHoldTheEndUp() async throws {
        let stuck = Mutex<RawConnection?>(nil)
        try await TestGateway.run(requestsEndWithin: .milliseconds(200)) { gateway in
            let bytes = [UInt8](repeating: 0x20, count: 64 << 20)
            let vendor = gateway.vendor
            let sha512 = try await onBlockingThread { try vendor.artifacts.keep(bytes) }
            try await vendor.records.signedFiles.put(
                SignedFileRecord(path: "large.json", sha512: sha512, length: Int64(bytes.count)),
                at: Date())
            let connection = try RawConnection(gateway.port)
            stuck.withLock { $0 = connection }
            connection.send("GET /targets/\(sha512.hex).large.json HTTP/1.1\r\nHost: x\r\n\r\n")
            // Its head is here: the answer is under way.
            let head = try await onOwnThread { connection.receive()?.count ?? 0 }
            #expect(head > 0)
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
        let times = lines.text.matches(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ/)
        #expect(times.count == 2)
    }
}

extension TestGateway {
    /// Keeps the gateway from signing what a moved clock makes due, until the lock is released.
    fileprivate func holdSigning() async throws -> FileLock {
        try await onOwnThread { [vendor] in
            try FileLock(waitingFor: vendor.folder.metadataLock)
        }
    }
}
