import CanonicalJSON
import Fetcher
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

enum Entrypoints {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().removingLastComponent()
    static let folder = root.appending("scripts/entrypoints")
}

/// The files of `scripts/entrypoints` as far as they can be tried without an engine.
@Suite struct EntrypointFileTests {
    @Test(.enabled(if: DebianPrograms(["/usr/bin/shellcheck"], package: "shellcheck").isThere))
    func theScriptIsWellWritten() async throws {
        let outcome = try await run(
            "/usr/bin/shellcheck", [EntrypointScriptTests.script.string])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func theComposeFileGivesTheKeyAsASecretAndNoRights() async throws {
        let app = try await yaml("compose.yaml")[0]["services"]?["app"]
        #expect(app?["read_only"] == true)
        #expect(app?["user"] == "1000:1000")
        #expect(app?["cap_drop"] == ["ALL"])
        let environment = app?["environment"]
        #expect(environment?["TOLLGATE_LICENSE_KEY_FILE"] == "/run/secrets/license_key")
        #expect(app?["secrets"] == ["license_key"])
        #expect(app?["volumes"] == ["storage:/app/storage"])
        try requireKnown(environment?.object?.map(\.name) ?? [])
    }

    @Test func theInitContainerHasWhatTheApplicationHas() async throws {
        let documents = try await yaml("kubernetes.yaml")
        #expect(
            documents.map { $0["kind"]?.string }
                == ["Secret", "PersistentVolumeClaim", "Deployment"])
        let pod = documents[2]["spec"]?["template"]?["spec"]
        #expect(pod?["securityContext"]?["runAsNonRoot"] == true)
        let first = try #require(pod?["initContainers"]?.array?.first)
        let application = try #require(pod?["containers"]?.array?.first)
        #expect(first["command"] == ["/docker-entrypoint.sh"])
        for name in ["image", "env", "volumeMounts", "securityContext"] {
            #expect(first[name] == application[name], "\(name)")
        }
        #expect(first["securityContext"]?["readOnlyRootFilesystem"] == true)
        try requireKnown(first["env"]?.array?.compactMap { $0["name"]?.string } ?? [])
    }

    @Test(.enabled(if: DebianPrograms(["/usr/bin/systemd-analyze"], package: "systemd").isThere))
    func systemdAcceptsTheUnit() async throws {
        try await withTemporaryFolder { folder in
            let file = Entrypoints.folder.appending("acme-plugins.service")
            let text = try String(contentsOfFile: file.string, encoding: .utf8)
            try #require(text.contains("ExecStart=/usr/bin/pkg "))
            let unit = folder.appending("acme-plugins.service").string
            try Data(text.replacing("/usr/bin/pkg ", with: "\(Programs.pkg) ").utf8)
                .write(to: URL(filePath: unit))
            let verified = try await run("/usr/bin/systemd-analyze", ["verify", "--man=no", unit])
            #expect(verified.status == 0, "\(verified.errors)")
            #expect(!verified.errors.contains("acme-plugins.service"), "\(verified.errors)")
            let security = try await run(
                "/usr/bin/systemd-analyze", ["security", "--offline=yes", "--threshold=20", unit])
            #expect(security.status == 0, "\(security.output.suffix(300))")
            try requireKnown(
                text.split(separator: "\n").filter { $0.hasPrefix("Environment=") }
                    .compactMap { $0.dropFirst(12).split(separator: "=").first.map(String.init) })
        }
    }

    /// Each variable of ours that a file sets is one that the guide knows.
    private func requireKnown(_ names: [String]) throws {
        let guide = try String(
            contentsOfFile: Entrypoints.root.appending("docs/operator-guide.md").string,
            encoding: .utf8)
        let ours = names.filter { $0.hasPrefix("TOLLGATE_") }
        #expect(ours.count >= 4)
        for name in ours { #expect(guide.contains("`\(name)`"), "\(name)") }
    }

    /// The documents of a YAML file, read by Debian's PyYAML.
    private func yaml(_ name: String) async throws -> [JSONValue] {
        let program = """
            import json, sys, yaml
            print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))
            """
        let outcome = try await run(
            "/usr/bin/python3", ["-c", program, Entrypoints.folder.appending(name).string])
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try #require(try outcome.json.array)
    }
}
