import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What an offline license asks of a network: nothing, as the kernel sees it.
@Suite struct OfflineNetworkTests {
    @Test func anOfflineLicenseOpensNoSocketToTheNetwork() async throws {
        let strace: FilePath = "/usr/bin/strace"
        guard try await canRun(strace, ["-f", "/bin/true"]) else { return }
        try await withOfflineToken { gateway, customer, token in
            let trace = gateway.folder.appending("trace")
            func calls(_ arguments: [String]) async throws -> (Outcome, [Substring]) {
                let outcome = try await run(
                    strace,
                    ["-f", "-e", "trace=network", "-o", trace.string, Programs.pkg.string]
                        + arguments, environment: customer.environment)
                let text = try String(contentsOfFile: trace.string, encoding: .utf8)
                let asking = ["AF_INET", "AF_NETLINK", "sendto(", "sendmsg(", "sendmmsg("]
                return (
                    outcome,
                    text.split(separator: "\n").filter { line in
                        asking.contains { line.contains($0) }
                    }
                )
            }
            for arguments in offlineSteps(token) {
                let (outcome, asked) = try await calls(arguments)
                #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
                #expect(asked == [], "\(arguments)")
            }
            // Nor does a token that is not believed make it ask.
            let tokens = "\(customer.storage)/.license/tokens"
            let signed = try String(contentsOfFile: token.string, encoding: .utf8).trimmingNewline
            let forged = signed.dropLast(4) + (signed.hasSuffix("AAAA") ? "BBBA" : "AAAA")
            for name in try FileManager.default.contentsOfDirectory(atPath: tokens) {
                try Data(forged.utf8).write(to: URL(filePath: "\(tokens)/\(name)"))
            }
            let (refused, asked) = try await calls(["download-pro", "--app-version", "1.0.0"])
            #expect(refused.status == 4)
            #expect(refused.errorCode == "license.signature")
            #expect(asked == [])
            // The trace sees what asks: the same with a key.
            let license = try await gateway.issue(["@acme/b"])
            let (added, opened) = try await calls(["license", "add", "-l", license.key])
            #expect(added.status == 0)
            #expect(opened.contains { $0.contains("AF_INET") })
        }
    }

    @Test func anOfflineLicenseIsEnoughWhereNothingIsRouted() async throws {
        let unshare: FilePath = "/usr/bin/unshare"
        guard try await canRun(unshare, ["-rn", "/bin/true"]) else { return }
        try await withOfflineToken { gateway, customer, token in
            func alone(_ arguments: [String]) async throws -> Outcome {
                try await run(
                    unshare, ["-rn", Programs.pkg.string] + arguments,
                    environment: customer.environment)
            }
            for arguments in offlineSteps(token) {
                let outcome = try await alone(arguments)
                #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            }
            // The namespace keeps the gateway away: the same with a key.
            let license = try await gateway.issue(["@acme/b"])
            let added = try await alone(["license", "add", "-l", license.key])
            #expect(added.status == 5)
            #expect(added.errorCode == "network.unreachable")
        }
    }

    private func offlineSteps(_ token: FilePath) -> [[String]] {
        [
            ["license", "add", "-f", token.string], ["license", "list"], ["license", "status"],
            ["download-pro", "--app-version", "1.0.0"],
        ]
    }

    /// Whether a tool works on this machine, where tracing and namespaces may be forbidden.
    private func canRun(_ tool: FilePath, _ arguments: [String]) async throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: tool.string) else {
            print("skipped: there is no \(tool)")
            return false
        }
        let outcome = try await run(tool, arguments)
        if outcome.status != 0 { print("skipped: \(tool) ends with \(outcome.errors)") }
        return outcome.status == 0
    }

    /// An offline license's token in a file, and the machine that it is bound to.
    private func withOfflineToken(
        _ body: (TestGateway, Customer, FilePath) async throws -> Void
    ) async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let customer = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await customer.instanceID()
            let issued = try await gateway.tollgate(
                [
                    "licenses", "issue", "--mode", "offline", "--account", "Globex", "--plugins",
                    "@acme/a", "--expires", "2040-12-31", "--instance", id,
                ])
            let file = gateway.folder.appending("token")
            try Data(issued.output.utf8).write(to: URL(filePath: file.string))
            try await body(gateway, customer, file)
        }
    }
}
