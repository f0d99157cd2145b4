import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// TLS that is not to be trusted, by nginx before the real gateway.
@Suite(.enabled(if: NginxServer.programs.isThere))
struct EncryptionFaultTests {
    /// A server of the site: its certificate, its versions of TLS, its port.
    private struct Server {
        let certificate: String
        let protocols: String
        let port: UInt16

        init(_ certificate: String, _ protocols: String = "TLSv1.2 TLSv1.3") throws {
            self.certificate = certificate
            self.protocols = protocols
            port = try freePort()
        }

        var url: String { "https://127.0.0.1:\(port)" }
    }

    @Test func eachCertificateThatIsWrongHasItsCode() async throws {
        try await FaultyWay.open { way in
            let folder = way.gateway.folder
            let certificates = folder.appending("certificates")
            try FileManager.default.createDirectory(
                atPath: certificates.string, withIntermediateDirectories: true)
            let authority = try TestAuthority(certificates.string)
            let names = ["good", "expired", "future", "other"]
            let servers = try names.map { try Server($0) } + [Server("good", "TLSv1.1")]
            let home = folder.appending("nginx")
            let nginx = try await NginxServer.start(
                in: home, port: servers[0].port,
                site: servers.map { site($0, home, way.gateway) }.joined(separator: "\n"),
                files: Dictionary(
                    uniqueKeysWithValues: (names + ["key"]).map {
                        ("\($0).pem", FilePath(authority.path("\($0).pem")))
                    }))
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await way.endure(
                        faults(servers, authority.path("ca.pem"), try way.gateway.port)))
            } catch {
                result = .failure(error)
            }
            try await nginx.stop()
            try result.get()
        }
    }

    private func faults(
        _ servers: [Server], _ authority: String, _ plain: UInt16
    ) -> [NetworkFault] {
        func fault(
            _ row: String, _ code: String, _ url: String, trusting file: String? = authority
        ) -> NetworkFault {
            NetworkFault(
                row: row, expected: .unchanged(code), section: .encryption,
                environment: { _ in
                    var environment = ["TOLLGATE_URL": url]
                    environment["TOLLGATE_CA_FILE"] = file
                    return environment
                })
        }
        return [
            fault("a certificate that has expired", "network.tls-expired", servers[1].url),
            fault("a certificate that is not valid yet", "network.tls-expired", servers[2].url),
            fault("a certificate for another host", "network.tls-wrong-host", servers[3].url),
            fault(
                "a certificate of an unknown authority", "network.tls-untrusted", servers[0].url,
                trusting: nil),
            fault("a server of TLS 1.1 alone", "network.tls-protocol", servers[4].url),
            fault(
                "https where only http is spoken", "network.tls-protocol",
                "https://127.0.0.1:\(plain)"),
            fault(
                "https sent on to http", "network.redirect-refused", "\(servers[0].url)/downgrade"),
        ]
    }

    private func site(_ server: Server, _ folder: FilePath, _ gateway: TestGateway) -> String {
        """
        server {
            listen 127.0.0.1:\(server.port) ssl;
            ssl_certificate \(folder)/\(server.certificate).pem;
            ssl_certificate_key \(folder)/key.pem;
            ssl_protocols \(server.protocols);
            location / { proxy_pass \(gateway.url); }
            location /downgrade/ { return 302 \(gateway.url)$request_uri; }
        }
        """
    }
}
