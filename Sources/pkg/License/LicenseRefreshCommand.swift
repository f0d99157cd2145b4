import ArgumentParser
import Fetcher
import FoundationEssentials

/// `pkg license refresh`.
struct LicenseRefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Checks in with the gateway now, whether it is due or not.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let settings = try await common.settings()
            let status = try await StorageLock.hold(settings.storage) {
                try await LicenseSession(settings, now: .now).refresh()
            }
            Terminal.print(status.text)
        }
    }
}
