import ArgumentParser
import Bundle
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Logging
import Packages
import SystemPackage
import TerminalOutput

/// `pkg export-all`.
struct ExportAllCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-all",
        abstract: "Makes a bundle of every plugin that this license covers.",
        discussion: """
            For a machine without a network: `pkg download-pro --from FILE` does there what it does \
            here. Nothing installed here is changed.
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        help: """
            A version of the application that the plugins are for; may be said several times \
            (TOLLGATE_APP_VERSION). Without any: every release that the license covers.
            """)
    var appVersion: [String] = []

    @Option(help: "An earlier bundle that the other machine has had: its tarballs are left out.")
    var since: String?

    @Option(help: "For how many days the bundle is good.")
    var days = BundleIndex.usualDays

    @Option(name: .shortAndLong, help: "The file to make (default plugins-DATE.tgbundle).")
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Say more about what happens.")
    var verbose = false

    @Option(help: "How log lines look: text or json.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard output != "-", output != "" else {
            throw ValidationError("A bundle is written to a file: name one, such as all.tgbundle.")
        }
        guard (1...BundleIndex.maximumDays).contains(days) else {
            throw ValidationError("--days is a number from 1 to \(BundleIndex.maximumDays).")
        }
    }

    private static func application(_ text: String) throws(UsageError) -> ApplicationVersion {
        do {
            return try ApplicationVersion(text)
        } catch {
            throw UsageError(
                "--app-version: \(error.message)", remedy: "Give a version such as 2.1.0.",
                cause: error)
        }
    }

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings()
            var options = ExportAll.Options()
            options.applications = try appVersion.map(Self.application)
            if options.applications.isEmpty, let version = settings.applicationVersion {
                options.applications = [version]
            }
            options.earlier = try since.map { try BundleFile(opening: FilePath($0)).index }
            options.days = days
            let path = FilePath(output ?? "plugins-\(Date.now.wireDay).tgbundle")
            let log = makeLog(settings, format: logFormat, level: verbose ? .info : .notice)
            options.watch = DownloadDisplay.watch(
                logFormat, run: log[metadataKey: "run"].map { "\($0)" } ?? "-",
                tellsPlugins: !verbose)
            let export = ExportAll(settings, options, now: .now, log: log)
            let signals = EndSignals()
            let result: Result<BundleContents, any Error> = await signals.run {
                do {
                    return .success(try await export.run(to: path))
                } catch {
                    return .failure(error)
                }
            }
            let contents: BundleContents
            do {
                contents = try result.get()
            } catch {
                throw EndedRun.reason(of: error, signals.first)
            }
            if let emptiness = contents.emptiness { Terminal.note("warning: \(emptiness)") }
            if json {
                var members = contents.members
                members["schema"] = 1
                Terminal.print(.object(members))
            } else {
                Terminal.print(contents.summary(of: "\(path)"))
            }
        }
    }
}
