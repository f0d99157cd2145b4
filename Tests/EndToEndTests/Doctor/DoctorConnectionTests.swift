import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Broken ways to the gateway: each is found at its step, by its own code, and the steps behind it
/// are not tried.
@Suite struct DoctorConnectionTests {
    @Test func aMissingAddress() async throws {
        try await withTemporaryFolder { folder in
            let found = try await Customer.alone(in: folder, gateway: "").doctor()
            #expect(found.failed == ["gateway.address": ["settings.url-missing"]])
            #expect(found.status == 64)
        }
    }

    @Test func anAddressThatIsNone() async throws {
        try await withTemporaryFolder { folder in
            let found = try await Customer.alone(in: folder, gateway: "plugins").doctor()
            #expect(found.failed == ["settings": ["usage.invalid"]])
            #expect(found.notChecked.contains("gateway.name"))
        }
    }

    @Test func aNameThatNobodyKnows() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder, gateway: "https://gateway.invalid")
            let found = try await customer.doctor()
            #expect(found.failed == ["gateway.name": ["network.dns"]])
            #expect(found.status == 5)
            #expect(found.notChecked.isSuperset(of: ["gateway.connection", "trust.metadata"]))
        }
    }

    @Test func aPortThatRefuses() async throws {
        try await withTemporaryFolder { folder in
            let port = try RefusingPort()
            let customer = try Customer.alone(
                in: folder, gateway: "http://127.0.0.1:\(port.port)")
            let found = try await customer.doctor()
            #expect(found.failed == ["gateway.connection": ["network.refused"]])
        }
    }

    @Test func aProxyThatIsDead() async throws {
        try await withTemporaryFolder { folder in
            let port = try RefusingPort()
            let customer = try Customer.alone(
                in: folder, gateway: "http://gateway.example",
                ["http_proxy": "http://kim:s3cret@127.0.0.1:\(port.port)"])
            let found = try await customer.doctor()
            #expect(found.failed == ["gateway.proxy": ["network.proxy"]])
            #expect(found.messages["gateway.proxy"]?.contains("s3cret") == false)
        }
    }

    @Test func aProxyThatWantsAPassword() async throws {
        let challenge = ("Proxy-Authenticate", "Basic realm=\"way out\"")
        let script: ScriptedServer.Script = { _ in [.response(407, [challenge])] }
        try await withScriptedServer(script) { proxy in
            try await withTemporaryFolder { folder in
                let customer = try Customer.alone(
                    in: folder, gateway: "http://gateway.example", ["http_proxy": proxy.url("")])
                let found = try await customer.doctor()
                #expect(found.failed == ["gateway.proxy": ["network.proxy-authentication"]])
            }
        }
    }

    @Test(arguments: [
        ("good", "network.tls-untrusted", "CN = Test authority"),
        ("expired", "network.tls-expired", "2020-02-01"),
        ("other", "network.tls-wrong-host", "elsewhere.example"),
    ])
    func aCertificateThatIsRefused(
        _ certificate: String, _ code: String, _ named: String
    ) async throws {
        try await withTemporaryFolder { folder in
            let authority = try TestAuthority(folder.string)
            try await withTLSServer(authority, certificate) { url in
                var customer = try Customer.alone(in: folder, gateway: url)
                if certificate != "good" {
                    customer.environment["TOLLGATE_CA_FILE"] = authority.path("ca.pem")
                }
                let found = try await customer.doctor()
                #expect(found.failed == ["gateway.certificate": [code]])
                let message = found.messages["gateway.certificate"] ?? ""
                #expect(message.contains(named), "\(message)")
            }
        }
    }

    @Test func aWebPageInTheGatewaysPlace() async throws {
        let page = Array("<html>log in</html>".utf8)
        let script: ScriptedServer.Script = { _ in
            [.response(200, [("Content-Type", "text/html")], body: page)]
        }
        try await withScriptedServer(script) { server in
            try await withTemporaryFolder { folder in
                let found = try await Customer.alone(in: folder, gateway: server.url("")).doctor()
                #expect(found.failed == ["gateway.answer": ["network.not-what-was-asked"]])
            }
        }
    }

    @Test(arguments: [("Sat, 21 Nov 2016 20:29:14 GMT", true), ("", false)])
    func aClockThatIsOff(_ date: String, _ isOff: Bool) async throws {
        let headers = date.isEmpty ? [] : [("Date", date)]
        let script: ScriptedServer.Script = { _ in
            [.response(200, headers, body: Array(#"{"signed":{}}"#.utf8))]
        }
        try await withScriptedServer(script) { server in
            try await withTemporaryFolder { folder in
                let found = try await Customer.alone(in: folder, gateway: server.url("")).doctor()
                #expect(found.failed["gateway.clock"] == (isOff ? ["clock.skewed"] : nil))
                #expect(found.notChecked.contains("gateway.clock") == !isOff)
            }
        }
    }
}
