import Diagnostics
import Foundation
import HTTPTypes
import Licensing
import Synchronization
import SystemPackage
import Testing

@testable import Agent

/// Who is let in, and who is not, over real sockets.
@Suite struct RequestSecurityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "POST"
        var headers: [String: String] = [:]
        let status: Int
        var code: String?
    }

    static let cases: [Case] = [
        Case(
            testDescription: "a rebound name", method: "GET",
            headers: ["Host": "evil.example:PORT"],
            status: 421, code: "agent.host-refused"),
        Case(
            testDescription: "a name that ends like ours", method: "GET",
            headers: ["Host": "localhost.evil.example:PORT"], status: 421,
            code: "agent.host-refused"),
        Case(
            testDescription: "another port", method: "GET", headers: ["Host": "127.0.0.1:1"],
            status: 421, code: "agent.host-refused"),
        Case(
            testDescription: "no port", method: "GET", headers: ["Host": "127.0.0.1"], status: 421,
            code: "agent.host-refused"),
        Case(
            testDescription: "another loopback address", method: "GET",
            headers: ["Host": "127.0.0.2:PORT"], status: 421, code: "agent.host-refused"),
        Case(
            testDescription: "localhost", method: "GET", headers: ["Host": "LocalHost:PORT"],
            status: 200),
        Case(
            testDescription: "IPv6 loopback", method: "GET", headers: ["Host": "[::1]:PORT"],
            status: 200),
        Case(
            testDescription: "another page's form", headers: ["Origin": "https://evil.example"],
            status: 403, code: "agent.origin-refused"),
        Case(
            testDescription: "a page of another local server",
            headers: ["Origin": "http://127.0.0.1:1"], status: 403, code: "agent.origin-refused"),
        Case(
            testDescription: "a sandboxed frame", headers: ["Origin": "null"], status: 403,
            code: "agent.origin-refused"),
        Case(
            testDescription: "cross-site by Fetch Metadata",
            headers: ["Sec-Fetch-Site": "cross-site"], status: 403, code: "agent.origin-refused"),
        Case(
            testDescription: "same-site by Fetch Metadata",
            headers: ["Sec-Fetch-Site": "same-site"], status: 403, code: "agent.origin-refused"),
        Case(
            testDescription: "a lie beside the truth",
            headers: ["Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"],
            status: 403, code: "agent.origin-refused"),
        Case(
            testDescription: "its own page without an address",
            headers: ["Sec-Fetch-Site": "same-origin", "Origin": "null"], status: 303),
        Case(
            testDescription: "its own page", headers: ["Origin": "http://127.0.0.1:PORT"],
            status: 303),
        Case(testDescription: "no browser", status: 303),
    ]

    @Test(arguments: cases)
    func hostsAndOrigins(_ example: Case) async throws {
        try await TestAgent.serving { agent in
            let page = try await agent.openPage()
            var headers = example.headers.mapValues {
                $0.replacingOccurrences(of: "PORT", with: "\(agent.port)")
            }
            headers["Cookie"] = page.cookie
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            let answer = try await agent.ask(
                example.method, example.method == "GET" ? "/" : "/license/refresh", headers,
                body: example.method == "GET" ? nil : "form=\(page.form)")
            #expect(answer.status == example.status)
            #expect(answer.code == example.code || example.code == nil)
            let asked = agent.desk.state.withLock(\.refreshed)
            #expect(asked == (example.status == 303 ? 1 : 0))
        }
    }

    @Test func everyAnswerTellsBrowsersWhatTheyMayDo() async throws {
        try await TestAgent.serving { agent in
            for path in ["/", "/healthz", "/nothing", "/style.css", "/v1/license"] {
                let answer = try await agent.ask("GET", path)
                let policy = try #require(answer.header("Content-Security-Policy"))
                #expect(
                    policy == """
                        default-src 'none'; style-src 'self'; script-src 'self'; \
                        img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; \
                        base-uri 'none'
                        """)
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Referrer-Policy") == "no-referrer")
                #expect(answer.header("Cache-Control") == "no-store")
            }
        }
    }

    @Test func aTokenOpensThePageOnceAndTheCookieIsStrict() async throws {
        try await TestAgent.serving { agent in
            let token = agent.access.makeToken().reveal()
            let first = try await agent.ask("GET", "/?token=\(token)")
            #expect(first.status == 303)
            #expect(first.header("Location") == "/")
            let cookie = try #require(first.header("Set-Cookie"))
            #expect(cookie.contains("HttpOnly"))
            #expect(cookie.contains("SameSite=Strict"))
            #expect(!cookie.contains(token))
            let second = try await agent.ask("GET", "/?token=\(token)")
            #expect(second.status == 403)
            #expect(second.code == "agent.page-locked")
            #expect(second.header("Set-Cookie") == nil)
        }
    }

    @Test(arguments: ["", "x", "tollgate_agent=1"])
    func withoutASessionThereIsNothing(_ cookie: String) async throws {
        try await TestAgent.serving { agent in
            for (method, path) in [
                ("GET", "/"), ("GET", "/license/remove?id=1"), ("POST", "/license/add"),
                ("POST", "/license/refresh"), ("POST", "/license/remove"), ("GET", "/?token="),
            ] {
                let answer = try await agent.ask(
                    method, path, ["Cookie": cookie], body: method == "POST" ? "form=" : nil)
                #expect(answer.status == 403, "\(path)")
                #expect(answer.code == "agent.page-locked")
            }
            #expect(agent.desk.state.withLock(\.attempts).isEmpty)
        }
    }

    @Test func aSessionEndsWhenItIsNotUsed() async throws {
        try await TestAgent.serving { agent in
            let page = try await agent.openPage()
            agent.clock.set(agent.clock.now + PageAccess.sessionSeconds - 1)
            #expect(try await agent.ask("GET", "/", ["Cookie": page.cookie]).status == 200)
            agent.clock.set(agent.clock.now + PageAccess.sessionSeconds + 1)
            #expect(try await agent.ask("GET", "/", ["Cookie": page.cookie]).status == 403)
        }
    }

    @Test(arguments: ["form=wrong", "form=", "key=tg_1", "form=OTHER"])
    func aFormNeedsTheTokenOfItsSession(_ fields: String) async throws {
        try await TestAgent.serving { agent in
            let other = try await agent.openPage()
            let page = try await agent.openPage()
            let answer = try await agent.post(
                "/license/refresh", fields.replacingOccurrences(of: "OTHER", with: other.form),
                cookie: page.cookie)
            #expect(answer.status == 403)
            #expect(answer.code == "agent.form-expired")
            #expect(agent.desk.state.withLock(\.refreshed) == 0)
        }
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer x", "Basic eDp5", "bearer \(TestAgent.apiToken)"])
    func theAPINeedsItsToken(_ authorization: String?) async throws {
        try await TestAgent.serving { agent in
            let page = try await agent.openPage()
            for (method, path) in [
                ("GET", "/v1/license"), ("GET", "/v1/plugins"), ("GET", "/v1/instance"),
                ("POST", "/v1/users"), ("POST", "/v1/page-address"),
            ] {
                // A session of the page is no right to the API either.
                let answer = try await agent.ask(
                    method, path, ["Authorization": authorization ?? "", "Cookie": page.cookie],
                    body: method == "POST" ? "[]" : nil)
                #expect(answer.status == 401)
                #expect(answer.code == "agent.token-refused")
                #expect(answer.header("WWW-Authenticate") == "Bearer")
            }
        }
    }

    @Test func bodiesHaveLimits() async throws {
        try await TestAgent.serving { agent in
            let page = try await agent.openPage()
            let long = String(repeating: "a", count: 1 << 20)
            let form = try await agent.post(
                "/license/add", "form=\(page.form)&key=\(long)", cookie: page.cookie)
            #expect(form.status == 413)
            let authorization = ["Authorization": "Bearer \(TestAgent.apiToken)"]
            let fitting = "[" + String(repeating: " ", count: 2 << 20) + "]"
            #expect(
                try await agent.ask("POST", "/v1/users", authorization, body: fitting).status == 200
            )
            let tooLong = String(repeating: " ", count: (16 << 20) + 1)
            let answer = try await agent.ask("POST", "/v1/users", authorization, body: tooLong)
            #expect(answer.status == 413)
            #expect(answer.code == "agent.request-malformed")
        }
    }

    @Test func connectionsThatSayNothingShutNobodyOut() async throws {
        try await TestAgent.serving { agent in
            let idle = try (0..<100).map { _ in try RawAnswer.connection(to: agent.port) }
            #expect(try await agent.ask("GET", "/healthz").status == 200)
            for socket in idle { try socket.close() }
        }
    }

    @Test(arguments: [
        (FailureCode.lockHeld, HTTPResponse.Status.serviceUnavailable),
        (.diskFull, .internalServerError), (.licenseKeyMismatch, .unprocessableContent),
        (.networkTimeout, .badGateway),
    ])
    func aFailureHasAStatus(_ code: FailureCode, _ status: HTTPResponse.Status) {
        let error = AgentError(answering: LicenseError(code, "why"))
        #expect(error.status == status)
        #expect(error.code == code)
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.5", "example.com"])
    func listensOnLoopbackOnly(_ host: String) {
        let clock = TestClock()
        let application = AgentApplication(
            LicenseBoard(TestDesk(clock), clock), access: PageAccess(), apiToken: Secret("x"),
            clock: clock, log: silent)
        let error = #expect(throws: AgentError.self) {
            _ = try application.group(host: host, port: 0, with: []) { _ in }
        }
        #expect(error?.code == .agentAddressRefused)
    }
}
