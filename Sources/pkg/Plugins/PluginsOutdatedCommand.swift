import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Logging
import TerminalOutput

/// `pkg plugins outdated`.
struct PluginsOutdatedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outdated",
        abstract: "Lists the plugins that the next `pkg download-pro` would change, or cannot.",
        discussion: """
            What `pkg download-pro --dry-run` says, without what is current. Changes nothing.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The application's version (TOLLGATE_APP_VERSION).")
    var appVersion: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings(applicationVersion: appVersion)
            var options = DownloadPro.Options()
            options.isDryRun = true
            let log = makeLog(settings, format: .text, level: .warning)
            var report = await DownloadPro(settings, options, now: .now, log: log).run()
            let total = report.rows.count
            report.rows.removeAll { $0.isAsWanted }
            if json {
                Terminal.print(report.json)
            } else if report.rows.isEmpty {
                // What stopped the run is printed below: nothing is known of the plugins then.
                if report.failures.isEmpty {
                    Terminal.print("Nothing is outdated (\(total) plugins).")
                }
            } else {
                Terminal.print(report.text(for: TerminalStream.output.layout))
            }
            Terminal.print(
                report.failures.map { ($0, nil) }, instanceID: report.instanceID,
                requestIDs: report.requestIDs)
            let status = report.exitStatus
            guard status == .success else { throw ExitCode(status.rawValue) }
        }
    }
}
