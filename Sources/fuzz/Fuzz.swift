import ArgumentParser
import Cryptography
import FoundationEssentials
import Glibc
import SystemPackage

/// `fuzz`: feeds one parser for some time, in a child process, and keeps the inputs that it cannot bear.
///
/// The child parses; the parent sees it crash, hang or report a violation, keeps the input in a file
/// named by its hash, and starts another child until the time is over. `scripts/fuzz` is how people
/// call it.
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz", abstract: "Feeds a parser with what nobody wrote.")

    @Argument(help: "Which parser; none: prints their names.")
    var name: String?

    @Option(help: "For how long; 0: only the corpus is parsed.")
    var seconds = 300

    @Option(help: "The seed of the changes; by default another one each time.")
    var seed: UInt64 = .random(in: 1...1_000_000)

    @Option(help: "The folder with a folder of inputs for each parser.")
    var corpus = "fixtures/fuzz"

    @Option(help: "Where inputs that a parser cannot bear are kept; by default with the corpus.")
    var findings: String?

    @Option(help: .hidden)
    var slot: String?

    /// A gigabyte: what a parser of a few kilobytes has no use for.
    private static let memory = rlim_t(1) << 30
    /// How long a child may be at one input, by the wall clock, on a machine that is busy.
    private static let patience = Duration.seconds(30)
    private static let violated = Int32(66)

    func run() throws {
        guard let name else { return print(parsers.map(\.name).joined(separator: "\n")) }
        guard let parser = parsers.first(where: { $0.name == name }) else {
            throw ValidationError("There is no parser \(name).")
        }
        if let slot {
            try feed(parser, Slot(slot))
        } else {
            try watch(parser)
        }
    }

    // MARK: - The child

    private func feed(_ parser: any FuzzedParser, _ slot: Slot) throws {
        var limit = rlimit(rlim_cur: Self.memory, rlim_max: Self.memory)
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
        do {
            try Loop(parser: parser, slot: slot).run(
                inputs(of: parser), seed: seed, seconds: seconds)
        } catch {
            try FileDescriptor.standardError.writeAll("\(parser.name): \(error)\n".utf8)
            throw ExitCode(Self.violated)
        }
    }

    private func inputs(of parser: any FuzzedParser) throws -> [[UInt8]] {
        let folder = "\(corpus)/\(parser.name)"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
            [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\($0)")))
        }
    }

    // MARK: - The parent

    private func watch(_ parser: any FuzzedParser) throws {
        let folder = findings ?? "\(corpus)/\(parser.name)"
        let path = "/tmp/fuzz-\(getpid())-\(parser.name)"
        defer { unlink(path) }
        let end = ContinuousClock.now + .seconds(seconds)
        var found = 0
        var seed = seed
        repeat {
            let left = max(0, Int((end - ContinuousClock.now) / .seconds(1)))
            let slot = try Slot(path)
            guard let why = try watchChild(parser, slot, path, seconds: left, seed: seed) else {
                break
            }
            found += 1
            seed += 1
            let hash = Digest.of(.sha256, slot.input).hex.prefix(16)
            try Data(slot.input).write(to: URL(filePath: "\(folder)/\(hash)"))
            print("\(parser.name): \(why): \(folder)/\(hash)")
        } while ContinuousClock.now < end && found < 20
        guard found == 0 else { throw ExitCode(1) }
    }

    /// Runs a child to its end.
    ///
    /// - Returns: what was wrong; nil: nothing
    private func watchChild(
        _ parser: any FuzzedParser, _ slot: Slot, _ path: String, seconds: Int, seed: UInt64
    ) throws -> String? {
        let child = try start([
            "/proc/self/exe", parser.name, "--slot", path, "--seconds", "\(seconds)", "--seed",
            "\(seed)", "--corpus", corpus,
        ])
        defer { Scratch.removeLeft(by: child) }
        var last = (count: -1, at: ContinuousClock.now)
        while true {
            var status: Int32 = 0
            if waitpid(child, &status, WNOHANG) == child { return meaning(of: status) }
            if slot.count != last.count { last = (slot.count, .now) }
            guard ContinuousClock.now - last.at < Self.patience else {
                kill(child, SIGKILL)
                waitpid(child, &status, 0)
                return "hangs"
            }
            usleep(50_000)
        }
    }

    private func meaning(of status: Int32) -> String? {
        if status == 0 { return nil }
        let signal = status & 0x7F
        guard signal == 0 else { return "crashes with signal \(signal)" }
        return (status >> 8) & 0xFF == Self.violated ? "violates" : "ends with status \(status)"
    }

    private func start(_ words: [String]) throws -> pid_t {
        // A backtrace of a crash takes seconds; the input tells more.
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        var pid = pid_t()
        let arguments = words.map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        let failure = posix_spawn(&pid, words[0], nil, nil, arguments, environ)
        guard failure == 0 else { throw Violation(String(cString: strerror(failure))) }
        return pid
    }
}
