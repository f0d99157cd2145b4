import CanonicalJSON
import Cryptography
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// npm as it is, with the settings of `docs/behind-a-proxy.md`: out through a proxy that asks for a
/// password, in through nginx.
@Suite(
    .enabled(
        if: NPM.programs.isThere && NginxServer.programs.isThere && ForwardProxy.programs.isThere))
struct NPMThroughProxiesTests {
    @Test func viewsInstallsAndReinstalls() async throws {
        try await withRegistry { fronted, proxy, folder in
            try await fronted.gateway.publish("@acme/a", "1.0.0")
            let license = try await fronted.gateway.issue(["@acme/a"])
            let customer = try fronted.customer(in: folder, key: license.key)
            #expect(try await customer.downloadPro(app: "1.0.0").outcome.status == 0)
            let npm = try NPM(
                in: folder.appending("project"), fronted, proxy, token: customer.token)
            try await use(npm, fronted)
        }
    }

    /// A plugin that is longer than a proxy takes unless it is told, under a name whose slash nginx
    /// decodes on the way.
    @Test func publishesTagsAndDeprecates() async throws {
        try await withRegistry { fronted, proxy, folder in
            let token = try await fronted.gateway.publishToken("@acme/p")
            let npm = try NPM(in: folder.appending("project"), fronted, proxy, token: token)
            var random = SeededGenerator(seed: 1)
            let bytes = (0..<6 << 20).map { _ in UInt8.random(in: 0...255, using: &random) }
            try npm.writePackage(
                "@acme/p", "1.0.0", content: #""\#(Base64.encode(bytes))""#)
            try await npm.does("publish")
            try npm.writePackage("@acme/p", "1.1.0")
            try await npm.does("publish")
            #expect(
                try await npm.said("view", "@acme/p@1.0.0", "dist.tarball")
                    == "\(fronted.url)/@acme/p/-/p-1.0.0.tgz")
            try await npm.does("dist-tag", "add", "@acme/p@1.0.0", "stable-1")
            #expect(try await npm.said("dist-tag", "ls", "@acme/p").contains("stable-1: 1.0.0"))
            try await npm.does("dist-tag", "rm", "@acme/p", "stable-1")
            try await npm.does("deprecate", "@acme/p@1.0.0", "Use 1.1.0.")
            #expect(try await npm.said("view", "@acme/p@1.0.0", "deprecated") == "Use 1.1.0.")
        }
    }

    /// Runs `body` with a gateway behind nginx, and the proxy that npm has to go out through.
    private func withRegistry(
        _ body: (FrontedGateway, ForwardProxy, FilePath) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            _ = try await FrontedGateway.running(in: folder) { fronted in
                let proxy = try await ForwardProxy.start(
                    in: folder.appending("proxy"), user: "kim", password: "p@ss")
                try await body(fronted, proxy, folder)
                let log = try await proxy.stop()
                #expect(log.contains { $0.contains("CONNECT localhost:\(fronted.port) kim ") })
            }
        }
    }

    private func use(_ npm: NPM, _ fronted: FrontedGateway) async throws {
        let tarball = "\(fronted.url)/@acme/a/-/a-1.0.0.tgz"
        let view = try await npm.run("view", "@acme/a", "dist.tarball")
        #expect(view.output.trimmingNewline == tarball, "\(view.errors)")

        let install = try await npm.run("install", "@acme/a")
        #expect(install.status == 0, "\(install.errors)")
        let lock = try npm.json("package-lock.json")
        #expect(lock["packages"]?["node_modules/@acme/a"]?["resolved"] == .string(tarball))

        try npm.forget()
        let clean = try await npm.run("ci")
        #expect(clean.status == 0, "\(clean.errors)")
        #expect(try npm.json("node_modules/@acme/a/package.json")["version"] == "1.0.0")

        var stranger = npm
        stranger.environment["TOLLGATE_TOKEN"] = "not-a-token"
        try stranger.forget()
        #expect(try await stranger.run("view", "@acme/a").errors.contains("E401"))
        #expect(try await stranger.run("ci").errors.contains("E401"))
    }
}

extension NPM {
    /// npm with the settings of `docs/behind-a-proxy.md`.
    ///
    /// - Parameters:
    ///   - project: a folder to make
    ///   - fronted: the registry
    ///   - proxy: the way there
    ///   - token: the license's
    /// - Throws: when a file cannot be written, or the example is not as it was.
    fileprivate init(
        in project: FilePath, _ fronted: FrontedGateway, _ proxy: ForwardProxy, token: String
    ) throws {
        try self.init(
            in: project,
            settings: ProxyDocument.block(
                "ini",
                replacing: [
                    "plugins.acme.example": "localhost:\(fronted.port)",
                    "/etc/ssl/globex-ca.pem": fronted.authority.path("ca.pem"),
                    "proxy.globex.example:3128": "127.0.0.1:\(proxy.port)",
                ]))
        environment["TOLLGATE_TOKEN"] = token
    }
}
