import Diagnostics
import TestSupport
import Testing

/// What the table of codes tells people to type must be there.
@Suite struct RemedyTests {
    @Test func everyCommandThatIsNamedExists() async throws {
        let texts = FailureCode.all.flatMap { [$0.meaning, $0.remedy] }
        let commands = Set(texts.flatMap(Self.commands))
        #expect(commands.contains(["pkg", "license", "refresh"]), "the search finds commands")
        for words in commands {
            let program = words[0] == "pkg" ? Programs.pkg : Programs.tollgate
            let outcome = try await run(program, words.dropFirst() + ["--help"])
            #expect(outcome.status == 0, "\(words) is no command")
        }
    }

    /// The verbs of `pkg` and `tollgate` between backticks, without flags and values.
    private static func commands(in text: String) -> [[String]] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }
            .map { $0.element.split(separator: " ").map(String.init) }
            .filter { ["pkg", "tollgate"].contains($0.first) }
            .map { words in
                words.prefix { word in
                    word.allSatisfy { $0.isLowercase || $0 == "-" } && word.first != "-"
                }
                .map(\.self)
            }
    }
}
