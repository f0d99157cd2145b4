package import CanonicalJSON
package import Diagnostics
import Glibc
import Synchronization

// Terminal rules:
//
// - Standard output is for results: the report's table, a list, JSON, an Instance ID. Nothing else,
//   so that `pkg … --json | jq` and `$(pkg instance-id)` work.
// - Standard error is for everything else: progress, warnings, errors. Plain lines.
// - What is shown live stands below every line and is gone at the end. Only a terminal sees it, and
//   colours, and lines that are shortened or broken to fit.
// - An error has four parts, always in this order: code and title, what happened here, what to do,
//   and what support needs to find it.
// - No secret is printed: what is printed are values of types that cannot hold one. What looks like
//   one all the same, because somebody pasted it in the wrong place, is masked on standard error.

/// The one place where the programs print.
package enum Terminal {
    /// Prints a result and a newline.
    package static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    package static func print(_ json: JSONValue) {
        write(String(decoding: json.prettyBytes, as: UTF8.self), to: STDOUT_FILENO)
    }

    package static func print(_ table: TextTable) {
        print(table.text(for: TerminalStream.output.layout))
    }

    /// Prints a line about what happens.
    package static func note(_ text: String) {
        write(maskingSecrets(text) + "\n", to: STDERR_FILENO)
    }

    /// Prints errors, those alike once with all that they concern.
    package static func print(
        _ failures: [(failure: any Failure, subject: String?)], instanceID: String?,
        requestIDs: [String]
    ) {
        var remaining = failures[...]
        while let first = remaining.popFirst() {
            var subjects = [first.subject].compactMap(\.self)
            remaining =
                remaining.filter { next in
                    guard next.failure.code == first.failure.code, let subject = next.subject else {
                        return true
                    }
                    subjects.append(subject)
                    return false
                }[...]
            print(first.failure, about: subjects, instanceID: instanceID, requestIDs: requestIDs)
        }
    }

    /// Prints an error with its remedy.
    ///
    /// ```
    /// ERROR license.key-mismatch: License key mismatch
    ///       The license is bound to …
    ///   fix: copy the Instance ID below …
    ///       Instance ID: ti_7Q4…  request: 01JD…
    /// ```
    package static func print(
        _ failure: any Failure, about subjects: [String] = [], instanceID: String? = nil,
        requestIDs: [String] = []
    ) {
        note(text(of: failure, about: subjects, instanceID: instanceID, requestIDs: requestIDs))
    }

    private static func text(
        of failure: any Failure, about subjects: [String] = [], instanceID: String? = nil,
        requestIDs: [String] = []
    ) -> String {
        let layout = TerminalStream.errors.layout
        var lines = [
            "\(layout.colored("ERROR", .red)) \(failure.code.name): \(failure.code.title)",
            "      \(failure.message)",
        ]
        if !subjects.isEmpty {
            lines.append("      concerns: \(subjects.joined(separator: ", "))")
        }
        if let cause = failure.cause { lines.append("      cause: \(cause)") }
        lines.append("  fix: \(failure.remedy)")
        let traces = [
            instanceID.map { "Instance ID: \($0)" },
            requestIDs.last.map { "request: \($0)" },
        ].compactMap(\.self)
        if !traces.isEmpty { lines.append("      \(traces.joined(separator: "  "))") }
        return lines.map { layout.wrapped($0, indent: 6) }.joined(separator: "\n")
    }

    // MARK: Live lines

    private static let live = Mutex(LiveLines())

    /// Shows lines below everything else in the place of those shown before.
    ///
    /// - Parameter lines: none for no more live lines; each narrower than the terminal.
    package static func show(live lines: [String]) {
        live.withLock { live in
            if !live.areShown, !lines.isEmpty { LiveLines.eraseWhenSignalled() }
            put(live.replace(by: lines), to: STDERR_FILENO)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        live.withLock { live in
            if descriptor == STDERR_FILENO { return put(live.above(text), to: descriptor) }
            put(live.replace(by: []), to: STDERR_FILENO)
            put(text, to: descriptor)
        }
    }

    /// That nobody reads any more is an error of write(2), and no reason to end in the middle.
    private static let closedPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private static func put(_ text: String, to descriptor: Int32) {
        closedPipesAreErrors
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EAGAIN {
                // Whoever shares the pipe wants no call on it to wait; all of the text is wanted.
                var writable = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&writable, 1, -1)
            } else if count < 0, errno != EINTR {
                // A closed pipe: whoever reads has seen enough. Anything else lost a result.
                guard descriptor == STDOUT_FILENO, errno != EPIPE else { return }
                put(Self.text(of: LostResult(errno: errno)) + "\n", to: STDERR_FILENO)
                exit(ExitStatus.local.rawValue)
            }
            bytes = bytes.dropFirst(max(count, 0))
        }
    }
}
