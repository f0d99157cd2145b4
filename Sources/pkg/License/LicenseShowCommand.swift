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

    @Argument(help: "A license's ID; without it all of them.")
    var id: String?

    func run() async throws {
        try await reportingFailures {
            let session = try await LicenseSession(try common.settings(), now: .now)
            Terminal.print(.array(try session.claims(of: id).map(\.json)))
        }
    }
}
