import TestSupport
import Testing

@testable import YAML

/// A file of settings has names and plain values, and says what else stands there.
@Suite struct YAMLMappingTests {
    @Test(
        arguments: [
            ("url: https://a.example", [("url", "https://a.example")]),
            ("a: 1\n# note\n\nb: yes  # too\n", [("a", "1"), ("b", "yes")]),
            ("a: \"1: \\u00e9\"\nb: 'it''s'", [("a", "1: é"), ("b", "it's")]),
            (
                "a:\nb: ~\nc: null\nd: 'null'\ne: ''",
                [("a", nil), ("b", nil), ("c", nil), ("d", "null"), ("e", "")]
            ),
            ("a: |\n  one\n  two\n", [("a", "one\ntwo\n")]),
            ("--- {a: 1, b: two words}\n...\n", [("a", "1"), ("b", "two words")]),
            ("\u{FEFF}a: 1", [("a", "1")]),
            ("a: &anchor 1", [("a", "1")]),
            ("", []), ("# nothing\n", []), ("---\n", []), ("~", []), ("{}", []),
        ] as [(String, [(String, String?)])])
    func reads(_ text: String, _ expected: [(String, String?)]) throws {
        let entries = try YAMLMapping(Array(text.utf8)).entries
        #expect(entries.map(\.name) == expected.map(\.0))
        #expect(entries.map(\.value) == expected.map(\.1))
    }

    @Test func readsUTF16() throws {
        let text: [UInt8] = "a: é".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try YAMLMapping([0xFF, 0xFE] + text).entries.first?.value == "é")
    }

    @Test(arguments: [
        ("a: 1\nb: [", 2, "the value of “b” is not one plain value"),
        ("a: 1\nb: [x, y]", 2, "the value of “b” is not one plain value"),
        ("a: {b: c}", 1, "the value of “a” is not one plain value"),
        ("a: &x 1\nb: *x", 2, "the value of “b” is not one plain value"),
        ("a: 1\nb: 2\na: 3", 3, "“a” stands in line 1 already"),
        ("- a\n- b", 1, "not a list of “name: value” lines"),
        ("just text", 1, "not a list of “name: value” lines"),
        ("[a]: b", 1, "not a “name: value” line"),
        ("~: b", 1, "not a “name: value” line"),
        ("a: 1\n---\nb: 2", 2, "another document begins"),
        ("a: b: c", 1, "mapping values are not allowed in this context"),
        ("a: 1\n\tb: 2", 2, "found a tab character that violates indentation"),
        ("a: \"open", 1, "found unexpected end of stream"),
    ])
    func refuses(_ text: String, _ line: Int, _ reason: String) {
        let error = #expect(throws: YAMLError.self) { try YAMLMapping(Array(text.utf8)) }
        #expect(error?.line == line)
        #expect(error?.reason == reason)
    }

    @Test(arguments: [[0x61, 0x3A, 0x20, 0xFF], [0x61, 0x3A, 0x20, 0x00], [0xC3]] as [[UInt8]])
    func refusesWhatIsNoText(_ bytes: [UInt8]) {
        #expect(throws: YAMLError.self) { try YAMLMapping(bytes) }
    }

    /// Whatever the bytes are, there is an answer or an error, and never another end.
    @Test func survivesChangedTexts() {
        let text = Array(
            "url: \"https://a.example\"\n# note\nlist: [a, {b: c}]\nx: |\n  y\n&a z: *a\n".utf8)
        var random = SeededGenerator(seed: 0x5941_4D4C)
        for _ in 0..<20_000 { _ = try? YAMLMapping(mutated(text, using: &random)) }
    }
}
