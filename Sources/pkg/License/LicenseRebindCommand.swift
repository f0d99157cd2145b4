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
            For a server or database that moved. On a machine that does not have the license yet, \
            give its key by --key or --key-file. The former instance may go on for a while, and the \
            vendor allows so many moves a year. An offline license is moved by the vendor.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The license's ID; without it every key that is not activated here.")
    var id: String?

    @Option(
        name: [.customShort("l"), .customLong("license"), .customLong("key")],
        help: "The key of a license that is not on this machine yet.")
    var key: String?

    @Option(
        name: [.customShort("f"), .customLong("file"), .customLong("key-file")],
        help: "A file that holds it; “-” is standard input.")
    var file: String?

    func validate() throws {
        guard [id, key, file].compactMap(\.self).count <= 1 else {
            throw ValidationError("Say which license once: its ID, --key KEY or --key-file FILE.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            let pasted = try LicenseTextOptions.read(key, orFile: file)
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: .now)
                let status =
                    if let pasted {
                        try await session.rebind(
                            pasted: pasted, trustsOnFirstUse: false, announce: Terminal.note)
                    } else {
                        try await session.rebind(id, announce: Terminal.note)
                    }
                try show(status, of: session.readAgain())
            }
        }
    }
}
