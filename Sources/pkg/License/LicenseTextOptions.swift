import ArgumentParser
import Diagnostics
import Glibc
import Licensing
import TerminalOutput

/// Where a verb gets a license key or token from: once, by one of these ways.
struct LicenseTextOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .customLong("license"), .customLong("key")],
        help: "The license key (tg_…) or the license token (eyJ…).")
    var text: String?

    @Option(
        name: [.customShort("f"), .customLong("file"), .customLong("key-file")],
        help: "A file that holds it; “-” is standard input.")
    var file: String?

    @Argument(help: "“-” reads it from standard input. Without it a terminal is asked, unseen.")
    var input: String?

    func validate() throws {
        guard [text, file, input].compactMap(\.self).count <= 1, input == nil || input == "-" else {
            throw ValidationError("Give the license once: -l KEY, -f FILE, or -.")
        }
        guard text != nil || file != nil || input != nil || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("Give the license key or token: -l KEY, -f FILE, or -.")
        }
    }

    /// The longest that is read: a token has at most 64 KiB.
    private static let maximumBytes = 1 << 17

    func read() throws -> Secret<String> {
        try Self.read(text, orFile: file ?? input) ?? ask()
    }

    /// What was said on the command line, or is in the file; nil when neither is.
    static func read(_ text: String?, orFile name: String?) throws -> Secret<String>? {
        if let text { return Secret(text) }
        guard let name else { return nil }
        let bytes = try InputFile(name).read(maximumBytes: maximumBytes)
        return LicenseInput.text(ofFile: bytes)
    }

    /// Asks at the terminal, which does not show what is typed.
    private func ask() -> Secret<String> {
        Terminal.note("License key or token (it is not shown):")
        var terminal = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &terminal) == 0
        var silent = terminal
        silent.c_lflag &= ~tcflag_t(ECHO)
        if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal) } }
        return Secret(readLine() ?? "")
    }
}
