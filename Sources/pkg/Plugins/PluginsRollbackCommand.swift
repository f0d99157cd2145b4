import ArgumentParser
import CustomerCommand
import Fetcher
import TerminalOutput

/// `pkg plugins rollback NAME`.
struct PluginsRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Puts the release back that was installed before the last update.",
        discussion: """
            The release that is rolled back from is not installed again by itself; a newer one is. \
            Rolling back twice returns to it.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The plugin's name, such as @acme/plugin-audit-log.")
    var name: String

    func run() async throws {
        try await reportingFailures {
            let receipt = try await BringBack(try common.settings().storage).rollBack(name)
            Terminal.note("\(receipt.name) is back at \(receipt.version).")
        }
    }
}
