import CanonicalJSON
import SystemPackage
import TestSupport
import Testing

/// `pkg` and the gateway with the proxies of `docs/behind-a-proxy.md` between them.
@Suite struct ReverseProxyTests {
    @Test(.enabled(if: NginxServer.programs.isThere))
    func nginxCarriesThePluginsByHTTP2() async throws {
        try await withTemporaryFolder { folder in
            let log = try await FrontedGateway.running(in: folder, behind: .nginx) { fronted in
                try await customersYear(at: fronted, in: folder)
            }
            #expect(!log.isEmpty)
            #expect(log.allSatisfy { $0.hasPrefix("HTTP/2.0 ") }, "\(log)")
            #expect(
                log.contains { $0.hasPrefix("HTTP/2.0 POST /plugins/api/v1/on-premise/agent 200") })
        }
    }

    @Test(.enabled(if: CaddyServer.programs.isThere))
    func caddyCarriesThePlugins() async throws {
        try await withTemporaryFolder { folder in
            _ = try await FrontedGateway.running(in: folder, behind: .caddy) { fronted in
                try await customersYear(at: fronted, in: folder)
            }
        }
    }

    /// Activation, downloads, runs with nothing to do, check-ins, an update.
    private func customersYear(at fronted: FrontedGateway, in folder: FilePath) async throws {
        let gateway = fronted.gateway
        try await gateway.publish("@acme/a", "1.0.0")
        try await gateway.publish("@acme/b", "1.0.0")
        let license = try await gateway.issue(["@acme/a", "@acme/b"])
        var customer = try fronted.customer(in: folder, key: license.key)

        let authority = customer.environment["TOLLGATE_CA_FILE"]
        // The system's authorities, and a file with another certificate than the authority's.
        for wrong in [nil, fronted.authority.path("other.pem")] {
            customer.environment["TOLLGATE_CA_FILE"] = wrong
            let distrusting = try await customer.downloadPro(app: "1.0.0")
            #expect(distrusting.outcome.status == 5)
            #expect(distrusting.outcome.errorCode == "network.tls-untrusted")
        }
        customer.environment["TOLLGATE_CA_FILE"] = authority

        let first = try await customer.downloadPro(app: "1.0.0")
        #expect(first.outcome.status == 0, "\(first.outcome.errors)")
        #expect(
            first.plugins == ["@acme/a": "install 1.0.0 -", "@acme/b": "install 1.0.0 -"])
        let again = try await customer.downloadPro(app: "1.0.0")
        #expect(again.plugins == ["@acme/a": "current 1.0.0 -", "@acme/b": "current 1.0.0 -"])
        #expect(try again.outcome.json["transfer"]?["requests"] == 2)

        #expect(try await customer.pkg("license", "refresh").status == 0)
        try await gateway.publish("@acme/a", "1.1.0")
        let updated = try await customer.downloadPro(app: "1.0.0")
        #expect(updated.plugins["@acme/a"] == "update 1.1.0 -")
        #expect(customer.visibleVersion("@acme/a") == "1.1.0")
    }
}
