import Diagnostics
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What a person sees in a terminal while `pkg download-pro` runs: looked at in tmux.
@Suite(.enabled(if: Tmux.programs.isThere))
struct LiveProgressTests {
    private static let plugins = [
        "@acme/slow-one", "@acme/slow-two",
        "@acme/slow-with-a-name-that-is-longer-than-others-are",
    ]
    private let command = "pkg download-pro; echo STATUS $?"

    @Test func liveLinesFitEveryWidthAndLeaveNothingBehind() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                for plugin in Self.plugins { try await slow.publish(plugin) }
                try await Tmux.running(in: folder) { tmux in
                    var screens: [(Int, Tmux.Screen)] = []
                    for columns in [60, 80, 200] {
                        let customer = try await slow.customer("wide-\(columns)", Self.plugins)
                        let screen = try await tmux.open(
                            "wide-\(columns)", columns: columns, environment: customer.environment)
                        try await screen.type(command)
                        screens.append((columns, screen))
                    }
                    for (columns, screen) in screens {
                        let lines = try await screen.wait(for: "live lines") { lines in
                            lines.contains { $0.contains("[##") && $0.contains("%") }
                                && lines.last?.contains("of 3") == true
                        }
                        #expect(lines.allSatisfy { $0.columns < columns || $0.hasPrefix("$ ") })
                        if columns == 80 { try await screen.resize(columns: 50) }
                    }
                    try slow.letThrough()
                    for (columns, screen) in screens {
                        let isResized = columns == 80
                        let columns = isResized ? 50 : columns
                        // A terminal that is made narrower pushes lines up and out of reach.
                        let lines = try await screen.wait(for: "end", withHistory: !isResized) {
                            $0.contains("STATUS 0")
                        }
                        let start = try #require(lines.firstIndex { $0.hasPrefix("PLUGIN") })
                        #expect(!lines.contains { $0.contains("[#") || $0.contains(" left") })
                        #expect(lines[start...].allSatisfy { $0.columns <= columns })
                        // Nothing stands between what was said before and the table.
                        #expect(isResized || lines[start - 1].hasPrefix("Instance ID:"))
                        #expect(lines[start...].count { $0.contains(" installed") } == 4)
                        // Three rows and the summary, none of them broken.
                        #expect(lines.firstIndex(of: "STATUS 0") == start + 5)
                        let colored = try await screen.lines(colored: true)
                        #expect(colored.contains { $0.contains("\u{1B}[32minstalled") })
                    }
                }
            }
        }
    }

    @Test func logLinesStandAboveAndAnInterruptClearsTheRest() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                try await slow.publish("@acme/quick")
                try await slow.publish("@acme/slow")
                try await Tmux.running(in: folder) { tmux in
                    let customer = try await slow.customer("one", ["@acme/quick", "@acme/slow"])
                    let screen = try await tmux.open(
                        "one", columns: 80, environment: customer.environment)
                    try await screen.type("pkg download-pro --verbose; echo STATUS $?")
                    try await screen.wait(for: "log line above live lines") { lines in
                        let live = lines.suffix(2).map { $0.prefix(16) }
                        return lines.contains("Verified @acme/quick 1.0.0.")
                            && live.first == "  @acme/slow   ["
                            && live.last?.hasPrefix("1 of 2") == true
                    }
                    try await screen.press("C-c")
                    // The shell drops the rest of the line too.
                    let after = try await screen.wait(for: "prompt") { lines in
                        lines.last?.hasPrefix("$") == true && lines.count > 1
                    }
                    #expect(!after.contains { $0.contains("[#") || $0.hasPrefix("1 of 2") })
                    #expect(after.contains("Verified @acme/quick 1.0.0."))
                    try slow.letThrough()
                    // With the table elsewhere nothing overwrites what is not erased.
                    try await screen.type("pkg download-pro >/dev/null; echo STATUS $?")
                    try await screen.wait(for: "end") { $0.contains("STATUS 0") }
                }
            }
        }
    }

    @Test func anExportShowsEachReleaseOfAPlugin() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                for version in ["1.0.0", "1.1.0"] { try await slow.publish("@acme/slow", version) }
                try await Tmux.running(in: folder) { tmux in
                    var customer = try await slow.customer("one", ["@acme/slow"])
                    // Then it exports what is for any version.
                    customer.environment["TOLLGATE_APP_VERSION"] = nil
                    let screen = try await tmux.open(
                        "one", columns: 80, environment: customer.environment)
                    try await screen.type("pkg export-all -o $TOLLGATE_STORAGE.b; echo STATUS $?")
                    try await screen.wait(for: "a line of the first release") { lines in
                        lines.contains { $0.hasPrefix("  @acme/slow 1.") && $0.contains("[#") }
                            // Half of one of two, rounded down; they differ by a few bytes.
                            && ["0 of 2  24 %", "0 of 2  25 %"].contains(lines.last?.prefix(12))
                    }
                    try slow.letThrough()
                    try await screen.wait(for: "end") { $0.contains("STATUS 0") }
                    // Without a terminal, and with the tarballs gone: each release is told of.
                    let told = try await customer.pkg("export-all", "-o", "\(folder)/again.b")
                    for version in ["1.0.0", "1.1.0"] {
                        #expect(
                            told.errors.contains("downloaded and verified @acme/slow \(version), "))
                    }
                }
            }
        }
    }

    /// Ctrl-S holds what is written back, and nothing that is received.
    @Test func aTerminalThatIsHeldHoldsNoTransfer() async throws {
        try await withTemporaryFolder { folder in
            try await SlowGateway.running(in: folder) { slow in
                try await slow.publish("@acme/slow")
                try await Tmux.running(in: folder) { tmux in
                    let customer = try await slow.customer("one", ["@acme/slow"])
                    let screen = try await tmux.open(
                        "one", columns: 80, environment: customer.environment)
                    try await screen.type(command)
                    try await screen.wait(for: "live lines") { lines in
                        lines.contains { $0.contains("[#") }
                    }
                    try await screen.hold()
                    try slow.letThrough()
                    let logs = "\(customer.storage)/logs/pkg"
                    try await screen.wait(for: "verified release in the log") { _ in
                        let files = try? FileManager.default.contentsOfDirectory(atPath: logs)
                        return (files ?? []).contains { name in
                            let log = try? String(
                                contentsOfFile: "\(logs)/\(name)", encoding: .utf8)
                            return log?.contains("Verified @acme/slow 1.0.0.") == true
                        }
                    }
                    #expect(try await !screen.lines().contains { $0.hasPrefix("STATUS") })
                    try await screen.press("C-q")
                    try await screen.wait(for: "end") { $0.contains("STATUS 0") }
                }
            }
        }
    }

    @Test func coloursFollowTheTerminalAndNO_COLOR() async throws {
        try await withTemporaryFolder { folder in
            try await Tmux.running(in: folder) { tmux in
                for (settings, expected) in [
                    ("", "\u{1B}[31mERROR"), ("NO_COLOR=1", "ERROR"), ("TERM=dumb", "ERROR"),
                ] {
                    let name = "colours-\(settings.isEmpty ? "on" : settings)"
                        .replacing("=", with: "-")
                    let screen = try await tmux.open(name, columns: 80, environment: [:])
                    try await screen.type("\(settings) pkg explain x; echo STATUS $?")
                    try await screen.wait(for: "end") { $0.contains("STATUS 64") }
                    let lines = try await screen.lines(colored: true)
                    #expect(lines.contains { $0.hasPrefix(expected) }, "\(settings)")
                }
            }
        }
    }
}
