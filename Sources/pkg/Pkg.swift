import ArgumentParser
import Diagnostics
import Fetcher
import TerminalOutput

/// The fetcher's command line; each verb is a file, each noun a folder.
@main
struct Pkg: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pkg",
        abstract: "Fetches, verifies and installs the plugins that your license covers.",
        discussion: """
            Settings come from flags, then the environment (TOLLGATE_URL, TOLLGATE_LICENSE_KEY, \
            TOLLGATE_STORAGE, TOLLGATE_APP_VERSION, …), then pkg.yaml beside the storage folder.

            Exit codes: 0 done or nothing to do, 1 unexpected, 3 mismatches (with --strict), \
            4 license, 5 network, 6 verification, 7 local disk, lock or limit, 64 usage, 130 and 143 ended \
            by SIGINT and SIGTERM.
            """,
        version: programVersion,
        subcommands: [
            DownloadProCommand.self, PluginsCommand.self, LicenseCommand.self,
            InstanceIDCommand.self, AgentCommand.self, DoctorCommand.self, ExplainCommand.self,
            SupportBundleCommand.self, ExportAllCommand.self,
        ])

    static func main() async { await runProgram(Self.self) }
}
