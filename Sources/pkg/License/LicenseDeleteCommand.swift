import ArgumentParser
import CustomerCommand
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg license delete`.
struct LicenseDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Forgets a license on this machine, without asking the gateway.",
        discussion: """
            At the gateway the license stays bound to this instance; `pkg license remove` frees it. \
            Installed plugins are set aside by the next `pkg download-pro`.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The license's ID, as `pkg license list` shows it.")
    var id: String

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            try await StorageLock.hold(settings.storage) {
                try await LicenseSession(settings, now: .now).delete(id)
                Terminal.print("deleted \(id) on this machine")
            }
        }
    }
}
