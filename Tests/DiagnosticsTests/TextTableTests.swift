import Diagnostics
import Testing

struct TextTableTests {
    @Test func cellsNeitherSteerTheTerminalNorEndTheLine() {
        let table = TextTable(
            ["NAME", "NOTE"], [["a\u{1B}[2J", "x\ny\u{202E}z"], ["b", "plain"]])
        #expect(table.text.split(separator: "\n").count == 3)
        #expect(!table.text.unicodeScalars.contains { $0 != "\n" && $0.isUnprintable })
        #expect(table.text.contains("a\\u{1B}[2J"))
    }
}
