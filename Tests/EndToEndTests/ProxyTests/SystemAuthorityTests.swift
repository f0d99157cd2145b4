import Diagnostics
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The system's authorities, which are a folder and a file: other ones are mounted over them.
@Suite(
    .enabled(if: NginxServer.programs.isThere),
    .enabled("nothing may be mounted here", Privileged.mayMount))
struct SystemAuthorityTests {
    private enum Content {
        case missing, ours, another, noCertificate
    }

    private struct System {
        let name: String
        /// What is found by its hash.
        let folder: Content
        /// `ca-certificates.crt`.
        let file: Content
        /// `TOLLGATE_CA_FILE`.
        var setting: String?
        /// nil: the gateway is trusted.
        let code: String?
    }

    private static let systems = [
        // The file would be an error: it is not read where the folder is enough.
        System(name: "folder", folder: .ours, file: .noCertificate, code: nil),
        System(name: "folder-alone", folder: .ours, file: .missing, code: nil),
        System(name: "file", folder: .another, file: .ours, code: nil),
        System(name: "file-alone", folder: .missing, file: .ours, code: nil),
        System(name: "beside", folder: .ours, file: .another, setting: "other.pem", code: nil),
        System(
            name: "neither", folder: .another, file: .another, code: "network.tls-untrusted"),
        // The file that is missing is nobody's setting, and not why it is refused.
        System(
            name: "another-folder", folder: .another, file: .missing,
            code: "network.tls-untrusted"),
        System(name: "nothing", folder: .missing, file: .missing, code: "network.tls-untrusted"),
        System(
            name: "in-its-place", folder: .another, file: .ours, setting: "other.pem",
            code: "network.tls-untrusted"),
    ]

    @Test func theFolderComesFirstAndTheFileCountsToo() async throws {
        try await withTemporaryFolder { folder in
            _ = try await FrontedGateway.running(in: folder) { fronted in
                try await fronted.gateway.publish("@acme/a", "1.0.0")
                for system in Self.systems {
                    let license = try await fronted.gateway.issue(["@acme/a"])
                    var customer = try Customer(
                        in: folder, gateway: fronted.url, key: license.key, named: system.name)
                    customer.environment["TOLLGATE_CA_FILE"] = system.setting.map(
                        fronted.authority.path)
                    let certificates = folder.appending("\(system.name)-certificates")
                    try await make(system, at: certificates, fronted.authority)
                    let words =
                        Privileged.seeing(certificates, at: "/etc/ssl/certs")
                        + [Programs.pkg.string, "download-pro", "--app-version", "1.0.0"]
                    let outcome = try await run(
                        FilePath(words[0]), Array(words.dropFirst()),
                        environment: customer.environment)
                    #expect(outcome.errorCode == system.code, "\(system.name): \(outcome.errors)")
                    #expect(
                        customer.visibleVersion("@acme/a") == (system.code == nil ? "1.0.0" : nil),
                        "\(system.name)")
                }
            }
        }
    }

    /// Makes what is mounted at `/etc/ssl/certs`.
    private func make(
        _ system: System, at folder: FilePath, _ authority: TestAuthority
    ) async throws {
        try FileManager.default.createDirectory(
            atPath: folder.string, withIntermediateDirectories: true)
        func put(_ content: Content, _ name: String) throws {
            let file = folder.appending(name).string
            switch content {
            case .missing: break
            case .ours:
                try FileManager.default.copyItem(atPath: authority.path("ca.pem"), toPath: file)
            case .another:
                try FileManager.default.copyItem(atPath: authority.path("other.pem"), toPath: file)
            case .noCertificate: try Data("no certificate".utf8).write(to: URL(filePath: file))
            }
        }
        try put(system.folder, "authority.pem")
        let hashed = try await run("/usr/bin/openssl", ["rehash", folder.string])
        try #require(hashed.status == 0, "\(hashed.errors)")
        try put(system.file, "ca-certificates.crt")
    }
}
