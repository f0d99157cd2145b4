import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `pkg` on a network whose way out is a proxy that asks for a password.
@Suite(.enabled(if: ForwardProxy.programs.isThere))
struct ForwardProxyTests {
    private static let user = "kim"
    /// With characters that an address has to escape.
    private static let password = "p@ss:w0rd/9"
    private static let escaped = "p%40ss%3Aw0rd%2F9"

    @Test(.enabled(if: NginxServer.programs.isThere))
    func reachesTheGatewayThroughATunnel() async throws {
        try await withTemporaryFolder { folder in
            let asked = try await FrontedGateway.running(in: folder) { fronted in
                try await fronted.gateway.publish("@acme/a", "1.0.0")
                let license = try await fronted.gateway.issue(["@acme/a"])
                let customer = try fronted.customer(in: folder, key: license.key)
                let log = try await goOut(
                    with: customer, by: "HTTPS_PROXY", except: "localhost", in: folder)
                let tunnels = log.filter { $0.contains("CONNECT localhost:\(fronted.port) kim ") }
                #expect(tunnels.count == log.count { $0.contains(" kim ") })
                #expect(!tunnels.isEmpty)
            }
            #expect(asked.allSatisfy { $0.hasPrefix("HTTP/2.0 ") }, "\(asked)")
        }
    }

    @Test func reachesTheGatewayWithoutTLS() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let log = try await goOut(
                    with: customer, by: "http_proxy", except: "127.0.0.1", in: folder)
                #expect(log.contains { $0.contains("GET \(gateway.url)/metadata/") })
            }
        }
    }

    /// With a wrong password, then the right one, then past the proxy.
    ///
    /// - Returns: what the proxy logged
    private func goOut(
        with customer: Customer, by variable: String, except host: String, in folder: FilePath
    ) async throws -> [String] {
        let proxy = try await ForwardProxy.start(
            in: folder.appending("proxy"), user: Self.user, password: Self.password)
        var customer = customer
        func address(_ password: String) -> String {
            "http://\(Self.user):\(password)@127.0.0.1:\(proxy.port)"
        }

        customer.environment[variable] = address("wr0ng-w0rd")
        let refused = try await customer.downloadPro(app: "1.0.0")
        #expect(refused.outcome.status == 5)
        #expect(refused.outcome.errorCode == "network.proxy-authentication")
        #expect(refused.outcome.errors.contains("http://127.0.0.1:\(proxy.port)"))

        customer.environment[variable] = address(Self.escaped)
        let first = try await customer.downloadPro(app: "1.0.0")
        #expect(first.outcome.status == 0, "\(first.outcome.errors)")
        #expect(first.plugins == ["@acme/a": "install 1.0.0 -"])

        // The proxy is gone: only who goes past it arrives.
        let log = try await proxy.stop()
        let unreachable = try await customer.downloadPro(app: "1.0.0")
        #expect(unreachable.outcome.errorCode == "network.proxy")
        customer.environment["NO_PROXY"] = "other.example,\(host)"
        let past = try await customer.downloadPro(app: "1.0.0")
        #expect(past.outcome.status == 0, "\(past.outcome.errors)")
        #expect(past.plugins == ["@acme/a": "current 1.0.0 -"])

        let told = [refused, first, unreachable, past].map { $0.outcome.errors + $0.outcome.output }
        try expectNoSecret(in: told + log + contents(below: customer.storage))
        return log
    }

    private func expectNoSecret(in texts: [String]) throws {
        for secret in [Self.password, Self.escaped, "wr0ng-w0rd"] {
            #expect(!texts.contains { $0.contains(secret) })
        }
    }

    /// All that `pkg` wrote: logs, the report, what it saved.
    private func contents(below folder: FilePath) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.string).compactMap { name in
            let file = "\(folder)/\(name)"
            return FileManager.default.contents(atPath: file).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }
}
