import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Logging
import TerminalOutput

/// `pkg download-pro`.
struct DownloadProCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download-pro",
        abstract: "Makes the plugins on disk those that your license covers.",
        discussion: """
            Checks the license, refreshes the vendor's signed metadata, downloads what is missing, \
            verifies it, puts it in place and reports. Made to run at every start of a container.
            """)

    /// What a failed license or network means for the entrypoint.
    enum FailurePolicy: String, ExpressibleByArgument, CaseIterable {
        /// It is the exit code.
        case stop
        /// The application starts with the plugins that are there; never after a failed verification.
        case `continue`
    }

    @OptionGroup var common: CommonOptions

    @Option(help: "The application's version (TOLLGATE_APP_VERSION).")
    var appVersion: String?

    @Option(help: "A folder in which each plugin gets a symbolic link, such as node_modules.")
    var linkInto: String?

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Exit with 3 when a plugin is not installed in the release wanted.")
    var strict = false

    @Option(help: "Exit with 0 after a failed license or network (continue), or not (stop).")
    var onFailure = FailurePolicy.stop

    @Option(help: "After how many seconds downloads are given up.")
    var timeout = 300

    @Flag(help: "Trust the gateway's first root unseen. For trying out.")
    var trustOnFirstUse = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Say more about what happens.")
    var verbose = false

    @Option(help: "How log lines look: text or json.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard timeout > 0 else {
            throw ValidationError("--timeout is a number of seconds above 0, not \(timeout).")
        }
    }

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings(
                applicationVersion: appVersion, linkInto: linkInto)
            var options = DownloadPro.Options()
            options.isDryRun = dryRun
            options.isStrict = strict
            options.timeout = .seconds(timeout)
            options.trustsOnFirstUse = trustOnFirstUse
            let log = makeLog(settings, format: logFormat, isVerbose: verbose)
            let signals = EndSignals()
            options.endSignal = { signals.first }
            let run = DownloadPro(settings, options, now: .now, log: log)
            try show(await signals.run { await run.run() })
        }
    }

    private func show(_ report: Report) throws {
        if json {
            Terminal.print(report.json)
        } else {
            Terminal.print(report.text)
        }
        if logFormat == .text {
            let run = report.failures.map { (failure: $0, subject: String?.none) }
            let rows = report.rows.compactMap { row in
                row.failure.map { (failure: $0, subject: String?.some("\(row.name)")) }
            }
            Terminal.print(
                run + rows, instanceID: report.instanceID, requestIDs: report.requestIDs)
        }
        let status = report.exitStatus
        if onFailure == .continue, status == .license || status == .network {
            Terminal.note("Continuing with the plugins that are installed (--on-failure continue).")
            return
        }
        guard status == .success else { throw ExitCode(status.rawValue) }
    }
}
