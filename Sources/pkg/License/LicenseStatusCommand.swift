import ArgumentParser
import CustomerCommand
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
            Judged from what is saved, without asking the gateway: what an application reads to switch paid \
            features on and off. Exit code 4 when the license is paused or invalid or there is none.
            """)

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let session = try await LicenseSession(try common.settings(), now: .now)
            let status = try session.savedLicense().status
            try show(status, of: session, asJSON: json)
        }
    }
}
