import ArgumentParser
import Diagnostics
import Glibc
import TerminalOutput

/// The vendor's program: makes a gateway, serves it, publishes plugins, issues licenses.
///
/// Results go to standard output; everything else, failures and the log, to standard error.
@main
struct Tollgate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollgate",
        abstract: "The gateway: publish plugins, issue licenses, serve both to installations.",
        version: programVersion,
        subcommands: [
            Init.self, Serve.self, Plugins.self, Licenses.self, Instances.self, Keys.self,
            Tokens.self, Advisories.self, Bundles.self,
        ])

    static func main() async { await runProgram(Self.self) }
}
