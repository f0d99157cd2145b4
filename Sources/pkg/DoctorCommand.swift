import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks everything from the settings to the disk, each with its remedy.",
        discussion: """
            Changes nothing: no activation, no check-in, and nothing stays on the disk. Exit code 0 \
            when nothing failed, else that of the worst failure.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The application's version (TOLLGATE_APP_VERSION).")
    var appVersion: String?

    @Option(help: "The folder that plugins are linked into (TOLLGATE_LINK_INTO).")
    var linkInto: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let reading = common.reading(applicationVersion: appVersion, linkInto: linkInto)
        let signals = EndSignals()
        let diagnosis = await signals.run { await Doctor(reading, now: .now).examine() }
        if let signal = signals.first {
            Terminal.print(EndedRun(signal))
            throw ExitCode(signal.exitStatus.rawValue)
        }
        if json {
            Terminal.print(diagnosis.json)
        } else {
            Terminal.print(diagnosis.text)
        }
        guard diagnosis.exitStatus == .success else {
            throw ExitCode(diagnosis.exitStatus.rawValue)
        }
    }
}
