import Diagnostics
import Testing

@Suite struct TextLayoutTests {
    struct Shortening: Sendable {
        let text: String
        let columns: Int
        let expected: String
    }

    static let shortenings = [
        Shortening(text: "abcdefgh", columns: 8, expected: "abcdefgh"),
        Shortening(text: "abcdefgh", columns: 7, expected: "abc…fgh"),
        Shortening(text: "abcdefgh", columns: 6, expected: "abc…gh"),
        Shortening(text: "abcdefgh", columns: 3, expected: "a…h"),
        Shortening(text: "abcdefgh", columns: 2, expected: "a…"),
        Shortening(text: "abcdefgh", columns: 1, expected: "…"),
        Shortening(text: "", columns: 0, expected: ""),
    ]

    @Test(arguments: shortenings) func namesAreShortenedInTheMiddle(_ test: Shortening) {
        #expect(test.text.shortened(to: test.columns) == test.expected)
    }

    @Test func linesBreakBetweenWordsAndAreIndented() {
        let layout = TextLayout(width: 20, hasColor: false)
        #expect(
            layout.wrapped("  @acme/a: no release fits this one", indent: 4) == """
                  @acme/a: no
                    release fits
                    this one
                """)
        #expect(layout.wrapped("short", indent: 4) == "short")
        #expect(TextLayout.plain.wrapped("a b c", indent: 1) == "a b c")
    }

    @Test(arguments: [8, 20, 60]) func aWordLongerThanALineIsBroken(width: Int) {
        let layout = TextLayout(width: width, hasColor: false)
        let word = String(repeating: "0123456789", count: 9)
        let lines = layout.wrapped("at \(word) end", indent: 4).split(separator: "\n")
        #expect(lines.allSatisfy { $0.columns <= width })
        let text = lines.joined().replacing(" ", with: "")
        #expect(text == "at\(word)end")
    }

    @Test(arguments: [26, 40, 60, 80, 200]) func noRowOfATableIsWiderThanTheTerminal(width: Int) {
        let table = TextTable(
            ["PLUGIN", "INSTALLED", "WANTED", "OUTCOME"],
            [
                ["@acme/plugin-with-a-very-long-name", "2.1.0-beta.3.20260801", "-", "current"],
                ["@acme/工具", "1.0.0", "1.0.0", "mismatch: no-release-for-application"],
            ], colors: [nil, .yellow])
        let lines = table.text(for: TextLayout(width: width, hasColor: false))
            .split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.columns <= width })
        #expect(table.fits(TextLayout(width: width, hasColor: false)) == (width == 200))
        #expect(table.fits(.plain))
    }

    @Test func onlyTheLastColumnIsColoured() {
        let table = TextTable(["A", "B"], [["a", "done"], ["b", "-"]], colors: [.green, nil])
        #expect(
            table.text(for: TextLayout(width: 80, hasColor: true)) == """
                A  B
                a  \u{1B}[32mdone\u{1B}[0m
                b  -
                """)
        #expect(table.text == "A  B\na  done\nb  -")
    }

    struct Bytes: Sendable {
        let count: Int64
        let text: String
    }

    static let bytes = [
        Bytes(count: 0, text: "0 B"), Bytes(count: 999, text: "999 B"),
        Bytes(count: 48_900, text: "48 kB"), Bytes(count: 1_000_000, text: "1.0 MB"),
        Bytes(count: 280_190_000, text: "280.1 MB"), Bytes(count: 2_500_000_000, text: "2.5 GB"),
    ]

    @Test(arguments: bytes) func bytesAreSaidInUnits(_ test: Bytes) {
        #expect("\(ByteCount(test.count))" == test.text)
    }
}
