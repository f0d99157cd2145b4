import ArgumentParser
import CustomerCommand
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg license refresh`.
struct LicenseRefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Checks in with the gateway now, whether it is due or not.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: .now)
                try show(await session.refresh(announce: Terminal.note), of: session.readAgain())
            }
        }
    }
}
