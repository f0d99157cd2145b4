package import Diagnostics
import FoundationEssentials
import Glibc

/// Standard output or standard error, as far as it is a terminal.
///
/// Colours are for terminals alone, and neither for `TERM=dumb` nor where `NO_COLOR` is set
/// (https://no-color.org).
package struct TerminalStream: Sendable {
    let descriptor: Int32

    package static let output = TerminalStream(descriptor: STDOUT_FILENO)
    package static let errors = TerminalStream(descriptor: STDERR_FILENO)

    /// Whether lines on it can be changed after they were written.
    package var isLive: Bool {
        isatty(descriptor) == 1 && Self.steersCursor(ProcessInfo.processInfo.environment)
    }

    /// How lines are laid out on it now; its width may change at any time.
    package var layout: TextLayout {
        Self.layout(
            isatty(descriptor) == 1 ? size.columns : nil, ProcessInfo.processInfo.environment)
    }

    /// Its columns and rows now (tty_ioctl(4)); 80 by 24 for a terminal that does not know.
    package var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// The layout for an environment.
    ///
    /// - Parameters:
    ///   - columns: the terminal's width; nil when it is none
    ///   - environment: of this process
    /// - Returns: the layout
    package static func layout(_ columns: Int?, _ environment: [String: String]) -> TextLayout {
        let isColorless = !(environment["NO_COLOR"] ?? "").isEmpty || !steersCursor(environment)
        return TextLayout(width: columns, hasColor: columns != nil && !isColorless)
    }

    private static func steersCursor(_ environment: [String: String]) -> Bool {
        !["", "dumb"].contains(environment["TERM"] ?? "")
    }
}
