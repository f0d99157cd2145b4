import ArgumentParser
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing

/// `pkg license status`.
struct LicenseStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows whether the license holds, until when, and what it covers.",
        discussion: """
            Judged from what is saved, without a network: what an application reads to switch paid \
            features on and off. Exit code 4 when the license is paused or invalid or there is none.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures {
            let session = try LicenseSession(try await common.settings(), now: .now)
            let status = try session.savedStatus()
            if json {
                Terminal.print(session.json(of: status))
            } else {
                Terminal.print(status.text)
            }
            if let failure = status.failure {
                Terminal.print(failure, instanceID: session.identity.id.description)
                throw ExitCode(failure.code.exitStatus.rawValue)
            }
        }
    }
}
