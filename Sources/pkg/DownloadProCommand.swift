import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Glibc
import Logging
import SystemPackage
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

    @Option(help: "A bundle that stands in the gateway's place: nothing is asked over the network.")
    var from: String?

    @Flag(help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Exit with 3 when a plugin is not installed in the release wanted.")
    var strict = false

    @Option(help: "Exit with 0 after a failed license or network (continue), or not (stop).")
    var onFailure = FailurePolicy.stop

    @Option(
        help: """
            After how many seconds waiting and downloads are given up (TOLLGATE_TIMEOUT, default 300).
            """)
    var timeout: String?

    @Flag(help: "Trust the gateway's first root unseen. For trying out.")
    var trustOnFirstUse = false

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Say more about what happens.")
    var verbose = false

    @Flag(help: "Say nothing but errors and the result.")
    var quiet = false

    @Option(help: "How log lines look: text or json.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard !quiet || !verbose else {
            throw ValidationError("--quiet and --verbose exclude each other.")
        }
    }

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings(
                applicationVersion: appVersion, linkInto: linkInto, timeout: timeout)
            var options = DownloadPro.Options()
            options.isDryRun = dryRun
            options.isStrict = strict
            options.bundle = from.map { FilePath($0) }
            options.trustsOnFirstUse = trustOnFirstUse
            let level: Logger.Level = quiet ? .error : verbose ? .info : .notice
            let log = makeLog(settings, format: logFormat, level: level)
            if !quiet {
                options.watch = DownloadDisplay.watch(
                    logFormat, run: log[metadataKey: "run"].map { "\($0)" } ?? "-",
                    tellsPlugins: !verbose)
            }
            let signals = EndSignals()
            options.endSignal = { signals.first }
            log.info("pkg \(programVersion) begins, process \(getpid()).")
            let run = DownloadPro(settings, options, now: .now, log: log)
            let report = await signals.run { await run.run() }
            log.info("Exit code \(report.exitStatus.rawValue): \(report.summary)")
            try show(report)
        }
    }

    private func show(_ report: Report) throws {
        if json {
            Terminal.print(report.json)
        } else {
            Terminal.print(report.text(for: TerminalStream.output.layout))
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
            if !quiet {
                Terminal.note(
                    "Continuing with the plugins that are installed (--on-failure continue).")
            }
            return
        }
        guard status == .success else { throw ExitCode(status.rawValue) }
    }
}
