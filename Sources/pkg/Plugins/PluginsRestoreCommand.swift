import ArgumentParser
import CustomerCommand
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg plugins restore NAME`.
struct PluginsRestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Brings back a plugin that was set aside, once the license has it again.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The plugin's name, such as @acme/plugin-audit-log.")
    var name: String

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            let status = try await StorageLock.hold(settings.storage) {
                try await LicenseSession(settings, now: .now).refreshIfPossible()
            }
            switch try await BringBack(settings.storage).restore(name, under: status) {
            case .isBack(let receipt):
                Terminal.note("\(receipt.name) \(receipt.version) is back.")
            case .isReleased(let hold): Terminal.note(hold.ended)
            }
        }
    }
}
