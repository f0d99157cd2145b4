import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A gateway with a proxy before it that speaks TLS, at a path of its own.
struct FrontedGateway {
    let gateway: TestGateway
    let authority: TestAuthority
    /// Where the proxy listens.
    let port: UInt16
    /// What customers set: the proxy's address and the path.
    let url: String

    /// The proxy that `docs/behind-a-proxy.md` describes.
    enum Proxy {
        case nginx, caddy
    }

    /// Runs both while `body` does.
    ///
    /// - Parameters:
    ///   - folder: for all that they need
    ///   - proxy: which one
    ///   - setting: `url` in `tollgate.yaml`; nil: the proxy's address
    ///   - settings: more lines of `tollgate.yaml`
    ///   - body: told of both once they listen
    /// - Returns: what nginx logged of each request; nothing with Caddy
    /// - Throws: what `body` throws, and what keeps them from starting.
    static func running(
        in folder: FilePath, behind proxy: Proxy = .nginx, setting: String? = nil,
        settings: String = "", _ body: (FrontedGateway) async throws -> Void
    ) async throws -> [String] {
        let certificates = folder.appending("certificates")
        try FileManager.default.createDirectory(
            atPath: certificates.string, withIntermediateDirectories: true)
        let authority = try TestAuthority(certificates.string)
        let port = try freePort()
        let url = "https://localhost:\(port)/plugins"
        return try await TestGateway.serving(
            in: folder, initial: ["--url", setting ?? url], settings: settings,
            arguments: ["--behind-proxy"]
        ) { gateway in
            let fronted = FrontedGateway(
                gateway: gateway, authority: authority, port: port, url: url)
            switch proxy {
            case .nginx:
                let nginx = try await NginxServer.start(
                    in: folder.appending("nginx"), port: port,
                    site: try fronted.nginxSite(in: folder.appending("nginx")),
                    files: fronted.certificate)
                return try await fronted.during(body) { try await nginx.stop() }
            case .caddy:
                let caddy = try await CaddyServer.start(
                    in: folder.appending("caddy"), port: port,
                    site: try fronted.caddySite(in: folder.appending("caddy")),
                    files: fronted.certificate)
                return try await fronted.during(body) {
                    try await caddy.stop()
                    return []
                }
            }
        }
    }

    private func during<Value>(
        _ body: (FrontedGateway) async throws -> Void, stop: () async throws -> Value
    ) async throws -> Value {
        let result: Result<Void, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        let value = try await stop()
        try result.get()
        return value
    }

    /// A customer who asks at the proxy's address, and trusts its certificate's authority.
    func customer(in folder: FilePath, key: String) throws -> Customer {
        var customer = try Customer(in: folder, gateway: url, key: key)
        customer.environment["TOLLGATE_CA_FILE"] = authority.path("ca.pem")
        return customer
    }

    private var certificate: [String: FilePath] {
        [
            "plugins.pem": FilePath(authority.path("good.pem")),
            "plugins.key": FilePath(authority.path("key.pem")),
        ]
    }

    private func nginxSite(in folder: FilePath) throws -> String {
        try ProxyDocument.block(
            "nginx",
            replacing: [
                "127.0.0.1:8080": gatewayAddress,
                "listen 443 ": "listen 127.0.0.1:\(port) ",
                "/etc/ssl/acme/": "\(folder)/",
                "/srv/tollgate/tollgate-data/": "\(gateway.data)/",
            ])
    }

    private func caddySite(in folder: FilePath) throws -> String {
        try ProxyDocument.block(
            "caddyfile",
            replacing: [
                "127.0.0.1:8080": gatewayAddress,
                "plugins.acme.example": "https://localhost:\(port)",
                "/etc/ssl/acme/": "\(folder)/",
            ])
    }

    private var gatewayAddress: String { gateway.url.replacing("http://", with: "") }
}

/// `docs/behind-a-proxy.md`, whose examples are what the tests run.
enum ProxyDocument {
    private static let file = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().removingLastComponent().appending("docs/behind-a-proxy.md")

    /// The first block in that language, with these texts, each of which it has, replaced.
    static func block(_ language: String, replacing replacements: [String: String]) throws -> String
    {
        let text = try String(contentsOfFile: file.string, encoding: .utf8)
        let start = try #require(text.firstRange(of: "```\(language)\n")).upperBound
        let end = try #require(text[start...].firstRange(of: "```")).lowerBound
        var block = String(text[start..<end])
        for (old, new) in replacements {
            try #require(block.contains(old), "the example has \(old)")
            block = block.replacing(old, with: new)
        }
        return block
    }
}

extension Customer {
    /// The license's token, as activation left it.
    var token: String {
        get throws {
            let folder = "\(storage)/.license/tokens"
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder)
                    .first { $0.hasSuffix(".jwt") })
            return try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                .trimmingNewline
        }
    }
}
