import Diagnostics
import TestSupport
import Testing

@testable import HTTPTransfer

@Suite struct ProxyTests {
    @Test func asksThroughTheProxy() async throws {
        try await withScriptedServer { _ in
            [.response(200, body: [1])]
        } _: { proxy in
            let configuration = HTTPClientConfiguration.forTests {
                $0.proxy = ProxySettings(
                    environment: ["http_proxy": "http://user:pa55@127.0.0.1:\(proxy.port)"])
            }
            try await withClient(configuration) { client in
                _ = try await client.send(HTTPRequest("GET", "http://gateway.invalid/a"))
            }
            let request = try #require(proxy.requests.first)
            #expect(request.target == "http://gateway.invalid/a")
            #expect(request.header("Proxy-Authorization") == "Basic dXNlcjpwYTU1")
        }
    }

    struct Refusal: Sendable {
        let scheme: String
        let status: Int
        let code: FailureCode
        let tries: Int
    }

    @Test(arguments: [
        Refusal(scheme: "https", status: 407, code: .networkProxyAuthentication, tries: 1),
        Refusal(scheme: "http", status: 407, code: .networkProxyAuthentication, tries: 1),
        Refusal(scheme: "https", status: 403, code: .networkProxy, tries: 1),
        Refusal(scheme: "https", status: 502, code: .networkProxy, tries: 4),
    ])
    func namesTheProxysRefusal(_ refusal: Refusal) async throws {
        try await withScriptedServer { _ in
            [.response(refusal.status, [("Proxy-Authenticate", "Basic realm=x")]), .close]
        } _: { proxy in
            let configuration = HTTPClientConfiguration.forTests {
                $0.proxy = ProxySettings(
                    environment: ["all_proxy": "http://user:pa55@127.0.0.1:\(proxy.port)/"])
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(
                    HTTPRequest("GET", "\(refusal.scheme)://gateway.invalid/a"))
                #expect(failure?.code == refusal.code)
                #expect(failure?.tries == refusal.tries)
                #expect(failure?.message.contains("http://127.0.0.1:\(proxy.port)") == true)
                #expect(failure?.description.contains("pa55") == false)
            }
            #expect(proxy.requests.first?.method == (refusal.scheme == "https" ? "CONNECT" : "GET"))
        }
    }

    @Test func namesAProxyThatIsNotThere() async throws {
        let refusing = try RefusingPort()
        for address in ["127.0.0.1:\(refusing.port)", "proxy.invalid:3128"] {
            let configuration = HTTPClientConfiguration.forTests {
                $0.proxy = ProxySettings(environment: ["http_proxy": "http://u:pa55@\(address)"])
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(HTTPRequest("GET", "http://gateway.invalid/"))
                #expect(failure?.code == .networkProxy)
                #expect(failure?.message.contains(address) == true)
                #expect(failure?.description.contains("pa55") == false)
            }
        }
    }

    struct Choice: Sendable, CustomTestStringConvertible {
        let url: String
        let environment: [String: String]
        let proxy: String?
        var testDescription: String { "\(url) \(environment)" }
    }

    private static func except(_ list: String, _ url: String, _ proxy: String?) -> Choice {
        Choice(url: url, environment: ["https_proxy": "p", "NO_PROXY": list], proxy: proxy)
    }

    static let choices: [Choice] = [
        Choice(url: "https://a/", environment: [:], proxy: nil),
        Choice(url: "https://a/", environment: ["HTTPS_PROXY": "p"], proxy: "p"),
        Choice(url: "http://a/", environment: ["HTTPS_PROXY": "p"], proxy: nil),
        Choice(url: "http://a/", environment: ["HTTP_PROXY": "p"], proxy: nil),
        Choice(url: "http://a/", environment: ["http_proxy": "p"], proxy: "p"),
        Choice(
            url: "https://a/", environment: ["https_proxy": "p", "HTTPS_PROXY": "q"], proxy: "p"),
        Choice(url: "https://a/", environment: ["ALL_PROXY": "p"], proxy: "p"),
        except("*", "https://a/", nil),
        except("a.example", "https://a.example/", nil),
        except("x, .a.example", "https://b.a.example/", nil),
        except("a.example", "https://B.A.example./", nil),
        except("a.example", "https://ba.example/", "p"),
        except("10.0.0.0/8", "https://10.1.2.3/", nil),
        except("10.0.0.0/8", "https://11.1.2.3/", "p"),
        except("10.0.0.0/33", "https://10.0.0.0/", "p"),
        except("127.0.0.1", "https://127.0.0.1:8443/", nil),
        except("::1", "https://[::1]/", nil),
        except("fd00::/8", "https://[fd12::1]/", nil),
        except("fd00::/8", "https://[fe12::1]/", "p"),
    ]

    @Test(arguments: choices)
    func chooses(_ choice: Choice) throws {
        let settings = ProxySettings(environment: choice.environment)
        #expect(try settings.proxy(for: WebAddress(choice.url))?.reveal() == choice.proxy)
    }
}
