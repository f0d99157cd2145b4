import Diagnostics
import Testing

@Suite struct PrintableTextTests {
    struct Case: Sendable {
        let text: String
        let printable: String
        let quoted: String

        init(_ text: String, _ printable: String, quoted: String? = nil) {
            self.text = text
            self.printable = printable
            self.quoted = quoted ?? "\"\(printable)\""
        }
    }

    @Test(arguments: [
        Case("", ""), Case("Grüße, 世界 👩‍🚀", "Grüße, 世界 👩‍🚀"),
        Case("a\u{1B}[2Jb", "a\\u{1B}[2Jb"), Case("a\r\nb\tc", "a\\r\\nb\\tc"),
        Case("\u{7F}\u{9B}", "\\u{7F}\\u{009B}"), Case("a\u{2028}b", "a\\u{2028}b"),
        Case("gpj\u{202E}exe", "gpj\\u{202E}exe"), Case("\u{2066}\u{061C}", "\\u{2066}\\u{061C}"),
        Case("say \"a\\b\"", "say \"a\\b\"", quoted: "\"say \\\"a\\\\b\\\"\""),
    ])
    func showsWhatIsThere(example: Case) {
        #expect(printable(example.text) == example.printable)
        #expect(quoted(example.text) == example.quoted)
    }

    @Test func cutsWhatIsTooLong() {
        #expect(printable("abcd", limit: 4) == "abcd")
        #expect(printable("abcde", limit: 4) == "abcd…")
        #expect(quoted(String(repeating: "a", count: 160)).utf8.count == 162)
        #expect(quoted(String(repeating: "a", count: 161)).hasSuffix("a…\""))
    }
}
