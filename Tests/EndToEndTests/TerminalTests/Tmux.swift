import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Terminals of a tmux of the test's own, with a shell in each.
struct Tmux {
    static let program: FilePath = "/usr/bin/tmux"
    static let programs = DebianPrograms([program], package: "tmux")

    private let socket: FilePath
    private let home: FilePath

    /// Runs `body` with an empty tmux and ends all that still runs in it.
    static func running(in folder: FilePath, _ body: (Tmux) async throws -> Void) async throws {
        let tmux = Tmux(socket: folder.appending("tmux"), home: folder)
        let result: Result<Void, any Error>
        do { result = .success(try await body(tmux)) } catch { result = .failure(error) }
        _ = try await tmux.run("kill-server")
        try result.get()
    }

    /// A terminal of that size, in which a shell waits that has these variables.
    ///
    /// The shell finds our programs by their names: a path that is typed may be wide enough to be
    /// wrapped, and what is seen would depend on where the tests lie.
    func open(_ name: String, columns: Int, environment: [String: String]) async throws -> Screen {
        var variables = Programs.environment.merging(environment) { $1 }
        variables["PATH"] = "\(Programs.folder):/usr/bin:/bin"
        let settings = variables.map { "\($0.key)='\($0.value)'" }.sorted()
        try await command(
            "new-session", "-d", "-s", name, "-x", "\(columns)", "-y", "24",
            "env -i TERM=$TERM \(settings.joined(separator: " ")) PS1='$ ' /bin/sh")
        let screen = Screen(tmux: self, name: name)
        // What is typed earlier is shown twice.
        try await screen.wait(for: "prompt") { $0.last?.hasPrefix("$") == true }
        return screen
    }

    /// One terminal.
    struct Screen {
        let tmux: Tmux
        let name: String

        func type(_ line: String) async throws {
            try await tmux.command("send-keys", "-t", name, line, "Enter")
        }

        /// Presses one key, such as `C-c`.
        func press(_ key: String) async throws {
            try await tmux.command("send-keys", "-t", name, key)
        }

        /// Presses Ctrl-S and waits until the terminal takes nothing more.
        func hold() async throws {
            let terminal = try await tmux.command("display", "-p", "-t", name, "#{pane_tty}")
            let file = try FileDescriptor.open(
                FilePath(String(terminal.prefix { $0 != "\n" })), .writeOnly, options: .nonBlocking)
            defer { try? file.close() }
            try await press("C-s")
            try await wait(for: "held terminal") { _ in
                // One that is held has no room, see n_tty_poll and pty_write_room of Linux.
                var descriptor = pollfd(fd: file.rawValue, events: Int16(POLLOUT), revents: 0)
                return poll(&descriptor, 1, 0) == 0
            }
        }

        func resize(columns: Int) async throws {
            try await tmux.command("resize-window", "-t", name, "-x", "\(columns)")
        }

        /// What is seen, line by line, or also what was scrolled out of sight.
        func lines(withHistory: Bool = true, colored: Bool = false) async throws -> [String] {
            try await tmux.command(
                ["capture-pane", "-p", "-t", name] + (withHistory ? ["-S", "-"] : [])
                    + (colored ? ["-e"] : [])
            ).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        }

        /// Looks until it is so.
        ///
        /// - Returns: what was seen then
        @discardableResult
        func wait(
            for what: String, withHistory: Bool = true, until isSo: ([String]) -> Bool
        ) async throws -> [String] {
            let clock = ContinuousClock()
            let end = clock.now + .seconds(60)
            while true {
                let lines = try await lines(withHistory: withHistory)
                if isSo(lines) { return lines }
                try #require(clock.now < end, "no \(what):\n\(lines.joined(separator: "\n"))")
                try await clock.sleep(for: .milliseconds(50))
            }
        }
    }

    @discardableResult
    private func command(_ arguments: String...) async throws -> String {
        try await command(arguments)
    }

    private func command(_ arguments: [String]) async throws -> String {
        let outcome = try await run(arguments)
        try #require(outcome.status == 0, "tmux \(arguments): \(outcome.errors)")
        return outcome.output
    }

    private func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    private func run(_ arguments: [String]) async throws -> Outcome {
        // Without a configuration file, so that every machine's tmux is the same.
        try await EndToEndTests.run(
            Self.program, ["-S", socket.string, "-f", "/dev/null"] + arguments,
            environment: ["HOME": home.string])
    }
}
