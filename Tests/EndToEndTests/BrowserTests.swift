import Foundation
import SystemPackage
import TestSupport
import Testing

/// The license page as people use it: Debian's Chromium, a real agent, a real gateway.
///
/// `TOLLGATE_SCREENSHOTS=docs/images` keeps a picture of each state.
@Suite(.serialized) struct BrowserTests {
    @Test(
        .enabled(if: Chromium.isThere, "Debian's chromium and chromium-driver are not installed"),
        .timeLimit(.minutes(20)))
    func everythingThatThePageDoes() async throws {
        guard await Python.canImport("selenium") else {
            print("skipped: the Python package selenium is not installed")
            return
        }
        try await withTemporaryFolder { folder in
            let other = folder.appending("other-vendor")
            try FileManager.default.createDirectory(
                atPath: other.string, withIntermediateDirectories: true)
            let foreign = try await TestGateway.serving(in: other, initial: ["--rule", "range"]) {
                gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                return try await gateway.issue(["@acme/a"])
            }
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/b", "2.0.0", application: ">=2.0.0 <3.0.0")
                try await gateway.publish("@acme/c", "1.2.0")
                let first = try await gateway.issue(
                    ["@acme/a", "@acme/b"], ["--seats", "25"])
                let second = try await gateway.issue(["@acme/c"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: nil)
                let file = folder.appending("license-key.txt")
                try Data("\(second.key)\n".utf8).write(to: URL(filePath: file.string))
                try await TestAgentProgram.running(for: customer) { agent in
                    try await browse(
                        "everything", agent, folder,
                        [
                            "good": first.key, "foreign": foreign.key, "file": file.string,
                            "license": first.id, "second": second.id,
                            "tollgate": Programs.tollgate.string, "data": gateway.data.string,
                            "pkg": Programs.pkg.string, "url": gateway.url,
                            "storage": customer.storage.string,
                        ])
                }
                let given = try Customer(
                    in: folder, gateway: gateway.url, key: second.key, named: "given")
                try await TestAgentProgram.running(for: given) { agent in
                    try await browse("readonly", agent, folder, ["license": second.id])
                }
            }
        }
    }

    private func browse(
        _ scenario: String, _ agent: TestAgentProgram, _ folder: FilePath,
        _ values: [String: String]
    ) async throws {
        var arguments = [
            scenario, agent.page, folder.appending("profile-\(scenario)").string,
            ProcessInfo.processInfo.environment["TOLLGATE_SCREENSHOTS"] ?? "",
        ]
        arguments += values.map { "\($0.key)=\($0.value)" }
        let output = try await Chromium.run("license_page.py", arguments)
        #expect(output.hasSuffix("all steps done\n"), "\(output)")
    }
}
