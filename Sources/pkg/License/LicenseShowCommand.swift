import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Fetcher
import FoundationEssentials
import Licensing
import TerminalOutput

/// `pkg license show`.
struct LicenseShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints the claims of the saved license tokens as JSON.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let session = try await LicenseSession(try common.settings(), now: .now)
            Terminal.print(.array(try session.savedClaims().map(\.json)))
        }
    }
}
