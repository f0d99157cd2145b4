import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import SystemPackage
import TerminalOutput

/// `pkg license activate`.
struct LicenseActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Binds a license key to this instance, and keeps it.",
        discussion: """
            Give the key with --key, in a file with --key-file, or on standard input with “-”.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The license key: tg_…")
    var key: String?

    @Option(help: "A file that holds the license key.")
    var keyFile: String?

    @Argument(help: "“-” reads the key from standard input.")
    var input: String?

    @Flag(help: "Trust the gateway's first root unseen. For trying out.")
    var trustOnFirstUse = false

    func validate() throws {
        let given = [key, keyFile, input].compactMap(\.self)
        guard given.count == 1, input == nil || input == "-" else {
            throw ValidationError("Give the key once: --key KEY, --key-file FILE, or -.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            let key = try readKey()
            Terminal.note("Asking \(try settings.requireURL()) …")
            try await StorageLock.hold(settings.storage) {
                let status = try await LicenseSession(settings, now: .now).activate(
                    key, trustsOnFirstUse: trustOnFirstUse)
                try show(status, of: await LicenseSession(settings, now: .now))
            }
        }
    }

    private func readKey() throws -> Secret<String> {
        if let key { return Secret(key) }
        if let keyFile {
            let bytes: [UInt8]?
            do {
                bytes = try Disk.read(FilePath(keyFile), maximumBytes: 1 << 16)
            } catch {
                throw UsageError("--key-file \(keyFile) is no file with a key.", cause: error)
            }
            guard let bytes else { throw UsageError("There is no file \(keyFile).") }
            return Secret(String(decoding: bytes, as: UTF8.self))
        }
        return Secret(readLine() ?? "")
    }
}
