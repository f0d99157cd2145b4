import Diagnostics
import TerminalOutput
import Testing

@Suite struct TerminalStreamTests {
    struct Case: Sendable {
        let columns: Int?
        let environment: [String: String]
        let hasColor: Bool
    }

    static let cases = [
        Case(columns: 80, environment: ["TERM": "xterm"], hasColor: true),
        Case(columns: 80, environment: ["TERM": "xterm", "NO_COLOR": ""], hasColor: true),
        Case(columns: 80, environment: ["TERM": "xterm", "NO_COLOR": "1"], hasColor: false),
        Case(columns: 80, environment: ["TERM": "dumb"], hasColor: false),
        Case(columns: 80, environment: [:], hasColor: false),
        Case(columns: nil, environment: ["TERM": "xterm"], hasColor: false),
    ]

    @Test(arguments: cases) func coloursAreForTerminalsThatWantThem(_ test: Case) {
        let layout = TerminalStream.layout(test.columns, test.environment)
        #expect(layout == TextLayout(width: test.columns, hasColor: test.hasColor))
        #expect(layout.colored("x", .red) == (test.hasColor ? "\u{1B}[31mx\u{1B}[0m" : "x"))
        #expect(layout.colored("x", nil) == "x")
    }
}
