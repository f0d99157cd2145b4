import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Glibc
import SystemPackage
import TerminalOutput

/// `pkg support-bundle`.
struct SupportBundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "support-bundle",
        abstract: "Gathers logs, reports and checks for your vendor's support, without secrets.",
        discussion: """
            Runs `pkg doctor` and writes a .tar.gz that only you can read, with a README.txt that \
            says what is in it. License keys, tokens and passwords are not. Look through it before \
            you send it: it has host names, paths, the Instance ID and the licensee's name.
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "The file; “-” is standard output. Default: pkg-support-TIME.tar.gz here.")
    var output: String?

    func run() async throws {
        try await reportingFailures {
            if output == "-", isatty(STDOUT_FILENO) == 1 {
                throw UsageError(
                    "A terminal is no place for a .tar.gz.",
                    remedy: "Name a file with -o, or redirect standard output.")
            }
            let now = Date.now
            let time = now.wireText.filter { $0.isNumber || $0 == "T" }
            let path = FilePath(output ?? "pkg-support-\(time).tar.gz")
            let reading = common.reading()
            let signals = EndSignals()
            let (diagnosis, bundle) = await signals.run {
                let diagnosis = await Doctor(reading, now: now).examine()
                return (diagnosis, await SupportBundle(reading, diagnosis, now: now))
            }
            if let signal = signals.first { throw EndedRun(signal) }
            for missing in bundle.missing { Terminal.note("not in it: \(missing)") }
            if output == "-" {
                try bundle.write(to: .standardOutput)
            } else {
                try bundle.write(to: path)
                Terminal.print(path.string)
            }
            Terminal.note(
                """
                It has logs, the last report, the checks (\(diagnosis.summary)), settings without \
                secrets, signed metadata and receipts, for your vendor's support. \
                README.txt in it says more.
                """)
        }
    }
}
