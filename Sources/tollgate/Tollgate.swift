import ArgumentParser
import Diagnostics
import Glibc
import TerminalOutput

/// The vendor's program: makes a gateway, serves it, publishes plugins, issues licenses.
///
/// Results go to standard output; everything else, failures and the log, to standard error. A
/// failure is shown with its code, its sentence and what to do; the exit code is that of the kind of
/// failure.
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

    static func main() async {
        do {
            var command = try await parsed()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            // What the parser of the command line throws, such as its help, is shown by it.
            guard error is any Failure || exitCode(for: error) == .failure else {
                exit(withError: error)
            }
            let failure = anyFailure(error)
            Terminal.print(failure)
            Glibc.exit(failure.code.exitStatus.rawValue)
        }
    }

    private static func parsed() async throws -> any ParsableCommand {
        try parseAsRoot()
    }
}
