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
            let session = try LicenseSession(try await common.settings(), now: .now)
            Terminal.print(try await session.refresh().text)
        }
    }
}
