import SystemPackage
import Testing

/// A real nginx that speaks TLS and HTTP/2 before a server of the test's own.
package enum HTTP2Front {
    /// Runs it while `body` does, and expects that all requests came by HTTP/2.
    ///
    /// - Parameters:
    ///   - port: where the server listens, on loopback
    ///   - body: told nginx's address, and the file with the authority that it is trusted by
    /// - Throws: what `body` throws, and what keeps nginx from starting
    package static func running(
        before port: UInt16, _ body: (_ url: String, _ caFile: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let authority = try TestAuthority("\(folder)")
            let own = try freePort()
            let home = folder.appending("nginx")
            let nginx = try await NginxServer.start(
                in: home, port: own,
                site: """
                    server {
                        listen 127.0.0.1:\(own) ssl http2;
                        ssl_certificate \(home)/good.pem;
                        ssl_certificate_key \(home)/good.key;
                        location / { proxy_pass http://127.0.0.1:\(port); }
                    }
                    """,
                files: [
                    "good.pem": FilePath(authority.path("good.pem")),
                    "good.key": FilePath(authority.path("key.pem")),
                ])
            let result: Result<Void, any Error>
            do {
                result = .success(
                    try await body("https://127.0.0.1:\(own)", authority.path("ca.pem")))
            } catch {
                result = .failure(error)
            }
            let log = try await nginx.stop()
            #expect(log.allSatisfy { $0.hasPrefix("HTTP/2.0 ") }, "\(log)")
            try result.get()
        }
    }
}
