import Diagnostics
import FoundationEssentials
import Licensing
import Logging
import ServiceLifecycle
import Testing

@testable import Agent

/// A real server on loopback over a license that the test decides.
struct TestAgent {
    let desk: TestDesk
    let clock: TestClock
    let access: PageAccess
    let port: Int

    static let apiToken = "ta_0123456789012345678901234567890123456789"

    var base: String { "http://127.0.0.1:\(port)" }

    static func serving(_ body: (TestAgent) async throws -> Void) async throws {
        let clock = TestClock()
        let desk = TestDesk(clock)
        let access = PageAccess()
        let application = AgentApplication(
            LicenseBoard(desk, clock), access: access, apiToken: Secret(apiToken), clock: clock,
            log: silent)
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let group = try application.group(host: "127.0.0.1", port: 0, with: []) {
            continuation.yield($0)
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let agent = TestAgent(desk: desk, clock: clock, access: access, port: port)
            let result: Result<Void, any Error>
            do { result = .success(try await body(agent)) } catch { result = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
    }

    /// Asks, and takes any answer; a redirect is not followed.
    func ask(
        _ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil
    ) async throws -> RawAnswer {
        var lines = ["Host": "127.0.0.1:\(port)", "Connection": "close"].merging(headers) { $1 }
        let body = body.map { Array($0.utf8) }
        lines["Content-Length"] = body.map { "\($0.count)" }
        let head =
            "\(method) \(path) HTTP/1.1\r\n"
            + lines.filter { !$0.value.isEmpty || $0.key == "Content-Length" }
            .map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
        return try await RawAnswer.asking(port, Array(head.utf8) + (body ?? []))
    }

    /// Opens the page: the cookie, and the token of its forms.
    func openPage() async throws -> (cookie: String, form: String) {
        let answer = try await ask("GET", "/?token=\(access.makeToken().reveal())")
        let cookie = try #require(answer.header("Set-Cookie")?.split(separator: ";").first)
        let page = try await ask("GET", "/", ["Cookie": String(cookie)])
        let start = try #require(page.body.firstRange(of: "name=\"form\" value=\"")?.upperBound)
        return (String(cookie), String(page.body[start...].prefix { $0 != "\"" }))
    }

    /// Posts a form as the page does.
    func post(
        _ path: String, _ fields: String, cookie: String, _ headers: [String: String] = [:]
    ) async throws -> RawAnswer {
        try await ask(
            "POST", path,
            [
                "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded",
                "Origin": base, "Sec-Fetch-Site": "same-origin",
            ].merging(headers) { $1 }, body: fields)
    }
}
