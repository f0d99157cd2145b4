import CanonicalJSON
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What a log collector sees of `pkg download-pro`, which has no terminal.
@Suite(.enabled(if: NginxServer.programs.isThere))
struct PlainProgressTests {
    @Test func oneLineAPluginAndOneEveryTenSeconds() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder, rate: 20_000) { slow in
                try await slow.publish("@acme/a", seconds: 0)
                try await slow.publish("@acme/b", seconds: 13)
                let names = ["@acme/a", "@acme/b"]
                let texts = try await slow.customer("text", names)
                let objects = try await slow.customer("json", names)
                let quiets = try await slow.customer("quiet", names)
                async let text = texts.pkg("download-pro")
                async let json = objects.pkg("download-pro", "--log-format", "json")
                async let quiet = quiets.pkg("download-pro", "--quiet")

                let lines = try await text.errors.split(separator: "\n").map(String.init)
                #expect(lines.first?.hasPrefix("Instance ID: ti_") == true)
                let first = try #require(lines.dropFirst().first)
                #expect(first.hasPrefix("downloaded and verified @acme/a 1.0.0, 2"))
                #expect(first.hasSuffix(" B"))
                #expect(lines.count { $0.hasPrefix("downloaded and verified @acme/") } == 2)
                #expect(lines.count { $0.hasPrefix("downloads: 1 of 2  ") } == 1)
                #expect(lines.count == 4, "\(lines)")

                let logged = try await json.errors.split(separator: "\n").map {
                    try parseJSON(Array($0.utf8))
                }
                let progress = logged.compactMap { $0["progress"] }
                #expect(progress.compactMap { $0["plugin"]?.string } == names)
                #expect(progress.filter { $0["downloads"] == 2 && $0["ended"] == 1 }.count == 1)
                #expect(Set(logged.map { $0["run"]?.string ?? "" }).count == 1)
                #expect(logged.allSatisfy { $0["level"] != nil && $0["time"] != nil })

                #expect(try await quiet.errors == "")
                #expect(try await quiet.output.hasPrefix("PLUGIN "))
            }
        }
    }

    @Test func linesOfTwoRunsAreToldApartInTheLog() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            for _ in 0..<2 { _ = try await customer.downloadPro(app: "1.0.0") }
            let folder = "\(customer.storage)/logs/pkg"
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: folder).first)
            let log = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            let words = log.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 3) }
            #expect(Set(words.map { $0[1] }).count == 2)
            #expect(words.count { $0[3].hasPrefix("pkg ") } == 2)
            #expect(words.count { $0[3].hasPrefix("Exit code 0: 1 plugin: 1 ") } == 2)
            let run = try await customer.downloadPro(app: "1.0.0").outcome.json["run"]?.string
            let all = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            #expect(all.contains(" \(try #require(run)) info Exit code 0"))
        }
    }

    /// Where results go, and what the exit code is then.
    struct Output: Sendable {
        let shell: String
        let status: Int32
    }

    static let outputs = [
        Output(shell: "\"$0\" download-pro > /dev/full", status: 7),
        Output(shell: "\"$0\" download-pro 2> /dev/full", status: 0),
        Output(shell: "\"$0\" download-pro 2>&-", status: 0),
        Output(shell: "{ \"$0\" download-pro; echo $? >&3; } 3>&1 >&2 2>&- | cat", status: 0),
        // The reader is gone before the first line.
        Output(shell: "{ sleep 0.2; \"$0\" download-pro; s=$?; } 2>&1 | true; exit 0", status: 0),
    ]

    @Test(arguments: outputs) func aLostOutputNeverKeepsPluginsFromBeingInstalled(
        _ test: Output
    ) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a"])
            var customer = try Customer(in: gateway.folder, gateway: gateway.url, key: license.key)
            customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
            let outcome = try await run(
                "/bin/sh", ["-c", test.shell, Programs.pkg.string],
                environment: customer.environment)
            #expect(outcome.status == test.status, "\(outcome.errors)")
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            let report = "\(customer.storage)/plugins/.pkg/report.json"
            #expect(FileManager.default.fileExists(atPath: report))
        }
    }
}
