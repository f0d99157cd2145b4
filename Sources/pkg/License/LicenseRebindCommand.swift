import ArgumentParser
import CustomerCommand
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg license rebind`.
struct LicenseRebindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebind",
        abstract: "Moves a license from the instance that holds it to this one.",
        discussion: """
            For a server or database that moved. The former instance may go on for a while, and the \
            vendor allows so many moves a year. An offline license is moved by the vendor.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The license's ID; without it every key that is not activated here.")
    var id: String?

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            Terminal.note("Asking \(try settings.requireURL()) …")
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: .now)
                try show(await session.rebind(id), of: session.readAgain())
            }
        }
    }
}
