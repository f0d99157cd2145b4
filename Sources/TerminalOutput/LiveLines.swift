import Glibc

/// Lines at the end of a terminal that are replaced again and again and leave nothing behind.
///
/// The cursor always rests at the beginning of the first of them, and is never hidden. So whatever
/// comes, they are gone with one fixed sequence: also after the terminal was resized, which breaks
/// them into more lines, and for a signal's handler, which may do nothing but write. After SIGKILL
/// the shell's prompt stands in their place.
struct LiveLines: Sendable {
    private var lines: [String] = []

    var areShown: Bool { !lines.isEmpty }

    /// To the beginning of the line, and erase all that follows (ECMA-48: CR, ED).
    static let erasure: StaticString = "\r\u{1B}[J"

    /// What replaces the lines that are shown by others, none of which may be as wide as the
    /// terminal.
    mutating func replace(by lines: [String]) -> String {
        let wereShown = areShown
        self.lines = lines
        guard areShown else { return wereShown ? "\(Self.erasure)" : "" }
        return drawn
    }

    /// A text for above the lines.
    func above(_ text: String) -> String {
        areShown ? "\(Self.erasure)\(text)\(drawn)" : text
    }

    /// Each line is overwritten and not erased first, so that nothing flickers.
    ///
    /// While they are drawn the terminal does not wrap (DECAWM): one that was made narrower a moment
    /// ago, and has not said so yet, cuts them off, and the way back to the first stays as it is.
    private var drawn: String {
        let up = lines.count > 1 ? "\u{1B}[\(lines.count - 1)A" : ""
        return "\u{1B}[?7l\r" + lines.map { "\($0)\u{1B}[K" }.joined(separator: "\r\n")
            + "\u{1B}[J\r\(up)\u{1B}[?7h"
    }

    /// Lets the signals that end a program erase the lines first.
    ///
    /// A signal that something else answers to, or that is ignored, stays with that.
    static func eraseWhenSignalled() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var present = sigaction()
            guard sigaction(number, nil, &present) == 0, present.isDefault else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                // Only what is safe in a handler (signal-safety(7)).
                let erasure = LiveLines.erasure
                _ = write(STDERR_FILENO, erasure.utf8Start, erasure.utf8CodeUnitCount)
                signal(number, SIG_DFL)
                raise(number)
            }
            sigaction(number, &action, nil)
        }
    }
}

extension sigaction {
    fileprivate var isDefault: Bool {
        unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == 0
    }
}
