import Diagnostics
import Foundation
import HTTPTransfer
import TestSupport
import Testing

/// Real TLS: certificates and server by the openssl command line.
@Suite struct TLSTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let certificate: String
        var server: [String] = []
        var trusts = true
        /// nil: the request succeeds.
        let code: FailureCode?
        var tries = 1
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "good", certificate: "good", code: nil),
        Case(
            name: "unknown authority", certificate: "good", trusts: false,
            code: .networkTLSUntrusted),
        Case(name: "self-signed", certificate: "ca", trusts: false, code: .networkTLSUntrusted),
        Case(name: "expired", certificate: "expired", code: .networkTLSExpired),
        Case(name: "not valid yet", certificate: "future", code: .networkTLSExpired),
        Case(name: "wrong host", certificate: "other", code: .networkTLSWrongHost),
        Case(
            name: "TLS 1.1 only", certificate: "good",
            server: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], code: .networkTLSProtocol, tries: 4),
    ]

    @Test(arguments: cases)
    func connects(_ example: Case) async throws {
        try await withTemporaryFolder { folder in
            let authority = try TestAuthority("\(folder)")
            let server = try TLSServer(authority, example.certificate, example.server)
            defer { server.stop() }
            let configuration = HTTPClientConfiguration.forTests {
                if example.trusts { $0.caFile = authority.path("ca.pem") }
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(
                    HTTPRequest(
                        "GET", "https://127.0.0.1:\(server.port)/", expectedContent: .anything))
                #expect(failure?.code == example.code)
                #expect(failure == nil || failure?.tries == example.tries)
            }
        }
    }

    @Test func tunnelsThroughAProxy() async throws {
        try await withTemporaryFolder { folder in
            let authority = try TestAuthority("\(folder)")
            let server = try TLSServer(authority, "good", [])
            defer { server.stop() }
            let port = server.port
            try await withScriptedServer { _ in
                [.text("HTTP/1.1 200 Connected\r\n\r\n"), .tunnel(port: port)]
            } _: { proxy in
                let configuration = HTTPClientConfiguration.forTests {
                    $0.caFile = authority.path("ca.pem")
                    $0.proxy = ProxySettings(
                        environment: ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"])
                }
                try await withClient(configuration) { client in
                    let response = try await client.send(
                        HTTPRequest(
                            "GET", "https://127.0.0.1:\(server.port)/",
                            authorization: Secret("Bearer t"), expectedContent: .anything))
                    #expect(response.status == 200)
                }
                let request = try #require(proxy.requests.first)
                #expect(request.method == "CONNECT")
                #expect(request.target == "127.0.0.1:\(server.port)")
                #expect(request.header("Authorization") == nil)
            }
        }
    }

    @Test func namesAServerWithoutTLS() async throws {
        let server = try ScriptedServer(greeting: Array("220 mail.example ESMTP\r\n".utf8)) { _ in
            []
        }
        defer { server.stop() }
        try await withClient { client in
            let failure = await client.failure(
                HTTPRequest("GET", "https://127.0.0.1:\(server.port)/"))
            #expect(failure?.code == .networkTLSProtocol)
        }
    }

    @Test func refusesAFileThatCannotBeRead() {
        let error = #expect(throws: NetworkError.self) {
            _ = try HTTPClient(.forTests { $0.caFile = "/nonexistent/ca.pem" })
        }
        #expect(error?.code == .networkTLSSettings)
        #expect(error?.message.contains("/nonexistent/ca.pem") == true)
    }

    @Test func refusesAFileThatIsNoCertificate() async throws {
        try await withTemporaryFolder { folder in
            let authority = try TestAuthority("\(folder)")
            let server = try TLSServer(authority, "good", [])
            defer { server.stop() }
            let configuration = HTTPClientConfiguration.forTests {
                $0.caFile = authority.path("serial.txt")
            }
            try await withClient(configuration) { client in
                let failure = await client.failure(
                    HTTPRequest("GET", "https://127.0.0.1:\(server.port)/"))
                #expect(failure?.code == .networkTLSSettings)
            }
        }
    }
}
