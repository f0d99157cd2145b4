import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import TerminalOutput

/// `pkg explain CODE`.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what an error code means and what to do.",
        discussion: """
            Takes an error code such as license.key-mismatch, its last word alone (key-mismatch), \
            the reason of a mismatch (held-back) or an exit code (6); several at once.
            """)

    @Argument(help: "Error codes, reasons of mismatches, exit codes; none lists every code.")
    var codes: [String] = []

    @Flag(help: "Print every code as the document docs/troubleshooting.md.")
    var markdown = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            guard !markdown else { return Terminal.print(troubleshootingDocument()) }
            // All of them before any is printed: a word that is not known ends the program.
            let subjects = try codes.flatMap { word throws(UsageError) in
                try Explanation.subjects(named: word)
            }
            if json {
                let shown = codes.isEmpty ? FailureCode.all.map(Explanation.code) : subjects
                Terminal.print(["schema": 1, "explanations": .array(shown.map(\.json))])
            } else if codes.isEmpty {
                for (title, codes) in FailureCode.groups {
                    let rows = codes.map { [$0.name, $0.title] }
                    Terminal.print(TextTable([title.uppercased(), ""], rows).text + "\n")
                }
            } else {
                Terminal.print(subjects.map(\.text).joined(separator: "\n\n"))
            }
        }
    }
}
