import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Every parser of `fuzz`: what was found before, then ten seconds of what nobody wrote.
@Suite struct ParserFuzzTests {
    private static let program = Programs.folder.appending("fuzz")
    private static let corpus = FilePath(#filePath).removingLastComponent()
        .removingLastComponent().removingLastComponent().appending("fixtures/fuzz")

    /// Side by side, four at a time: they share the processors with the other tests.
    @Test func everyParserBearsItsCorpusAndTenSeconds() async throws {
        let names = try await run(Self.program, []).output.split(separator: "\n").map(String.init)
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.string)
        #expect(Set(names) == Set(folders), "each parser has a folder of inputs, and the reverse")
        try await withTemporaryFolder { findings in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, name) in names.enumerated() {
                    if index >= 4 { try await group.next() }
                    group.addTask {
                        let outcome = try await run(
                            Self.program,
                            [
                                name, "--seconds", "10", "--corpus", Self.corpus.string,
                                "--findings", findings.string,
                            ])
                        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
                    }
                }
                try await group.waitForAll()
            }
            for file in try FileManager.default.contentsOfDirectory(atPath: findings.string) {
                let input = try Data(contentsOf: URL(filePath: "\(findings)/\(file)"))
                Issue.record("\(file): \(input.base64EncodedString())")
            }
        }
    }
}
