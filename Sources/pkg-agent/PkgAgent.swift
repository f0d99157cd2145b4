import Agent
import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Logging
import TerminalOutput

/// The agent's command line; `pkg agent` starts this program.
@main
struct PkgAgent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pkg agent",
        abstract: "Checks in by itself, and serves the license page on this machine.",
        discussion: """
            Prints the address of the license page, with a token that opens it once. The settings \
            are those of pkg; TOLLGATE_REDIS_URL (or NC_REDIS_URL) names a Redis by which several \
            replicas tell each other of changes. Ends on SIGTERM and SIGINT.
            """,
        version: programVersion)

    @OptionGroup var common: CommonOptions

    @Option(help: "The address to listen on: 127.0.0.1 or ::1.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for one of the system's choice.")
    var port = 8377

    @Flag(help: "Print a new address of the license page of the agent that runs, and end.")
    var printUrl = false

    @Flag(help: "Print what the next check-in would send, a line for each license, and end.")
    var showPayload = false

    @Option(help: "How log lines look on standard error: text or json.")
    var logFormat = LogFormat.text

    @Flag(help: "Also show what is usually only in the log file.")
    var verbose = false

    static func main() async { await runProgram(Self.self) }

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("A port is a number from 0 to 65535.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            if showPayload {
                for payload in try await LicenseSession(settings, now: .now).payloads() {
                    Terminal.print(String(decoding: payload.compactBytes, as: UTF8.self))
                }
            } else if printUrl {
                let address = try await RunningAgent(settings.storage, host: host, port: port)
                    .pageAddress()
                Terminal.print(address.reveal())
            } else {
                try await serve(settings)
            }
        }
    }

    private func serve(_ settings: Settings) async throws {
        let log = makeLog(settings, format: logFormat, level: verbose ? .info : .notice)
        let agent = try AgentAssembly(
            settings, environment: ProcessInfo.processInfo.environment, log: log)
        try await agent.run(host: host, port: port) { address in
            Terminal.print("License page: \(address.reveal())")
        }
        log.notice("The agent has ended.")
    }
}
