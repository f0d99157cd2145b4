import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import TerminalOutput

/// `pkg explain CODE`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what an error code means and what to do.")

    @Argument(help: "An error code, such as license.key-mismatch; none lists them all.")
    var code: String?

    @Flag(help: "Print every code as the document docs/troubleshooting.md.")
    var markdown = false

    func run() async throws {
        try await reportingFailures {
            if markdown {
                Terminal.print(troubleshootingDocument())
            } else if let code {
                Terminal.print(try explanation(of: code))
            } else {
                let rows = FailureCode.all.map { [$0.name, $0.title] }
                Terminal.print(TextTable(["CODE", "TITLE"], rows))
            }
        }
    }

    private func explanation(of name: String) throws(UsageError) -> String {
        guard let code = FailureCode.named(name) else {
            throw UsageError(
                "There is no error code “\(name)”.", remedy: "`pkg explain` lists them all.")
        }
        return """
            \(code.name): \(code.title)

            \(code.meaning)

              fix: \(code.remedy)
              exit code: \(code.exitStatus.rawValue)
            """
    }
}
