import CanonicalJSON
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What a log collector sees of `pkg download-pro`, which has no terminal.
@Suite struct PlainProgressTests {
    @Test func oneLineAPluginAndOneEveryTenSeconds() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                let names = ["@acme/a", "@acme/slow"]
                for name in names { try await slow.publish(name) }
                let (text, json) = (folder.appending("text.log"), folder.appending("json.log"))
                let texts = try await slow.customer("text", names)
                let objects = try await slow.customer("json", names)
                let quiets = try await slow.customer("quiet", names)
                let runs = [
                    try texts.start("download-pro", errors: text),
                    try objects.start("download-pro", "--log-format", "json", errors: json),
                ]
                async let quiet = quiets.pkg("download-pro", "--quiet")
                func progress() throws -> [(time: Date, words: JSONValue)] {
                    // The last line may be half written.
                    try lines(of: json).compactMap { try? parseJSON(Array($0.utf8)) }
                        .filter { $0["progress"] != nil }
                        .map { line in
                            #expect(line["level"] != nil)
                            let time = try #require(line["time"]?.string)
                            return (try Date(time, strategy: .iso8601), line["progress"] ?? .null)
                        }
                }
                let isTotal = { (words: JSONValue) in words["downloads"] == 2 }
                while try !lines(of: text).contains(where: { $0.hasPrefix("downloads: ") })
                    || progress().count(where: { isTotal($0.words) }) < 2
                {
                    try await Task.sleep(for: .milliseconds(50))
                }
                try slow.letThrough()
                for run in runs { #expect(try await run.wait().status == 0) }

                let said = try lines(of: text)
                #expect(said.first?.hasPrefix("Instance ID: ti_") == true)
                let first = try #require(said.dropFirst().first)
                #expect(first.hasPrefix("downloaded and verified @acme/a 1.0.0, 400"))
                #expect(first.hasSuffix(" kB"))
                let totals = said.count { $0.hasPrefix("downloads: 1 of 2  ") }
                #expect(said.last?.hasPrefix("downloaded and verified @acme/slow 1.0.0") == true)
                #expect(said.count == 3 + totals, "\(said)")

                let logged = try progress()
                #expect(logged.compactMap { $0.words["plugin"]?.string } == names)
                let total = logged.filter { isTotal($0.words) }
                #expect(total.allSatisfy { $0.words["ended"] == 1 })
                for (earlier, later) in zip(total, total.dropFirst()) {
                    #expect(later.time.timeIntervalSince(earlier.time) >= 10)
                }
                let run = try lines(of: json).map { try parseJSON(Array($0.utf8))["run"]?.string }
                #expect(Set(run).count == 1)

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
            #expect(words.count { $0[3] == "installed @acme/a 1.0.0" } == 1)
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
