import ArgumentParser
import CustomerCommand
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg license activate` and `pkg license add`: the first license and another are added alike.
struct LicenseActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Adds a license: activates a key for this instance, or takes an offline token.",
        discussion: """
            A key (tg_…) is activated with the gateway. An offline token (eyJ…) is verified here, \
            and the network is never touched. Several licenses are joined, the best of each.
            """, aliases: ["add"])

    @OptionGroup var common: CommonOptions
    @OptionGroup var license: LicenseTextOptions

    @Flag(help: "Trust the gateway's first root unseen. For trying out.")
    var trustOnFirstUse = false

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            let text = try license.read()
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: .now)
                let status = try await session.add(text, trustsOnFirstUse: trustOnFirstUse)
                try show(status, of: session.readAgain())
            }
        }
    }
}
