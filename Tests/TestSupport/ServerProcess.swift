import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage

/// A server in the foreground, without privileges, on a port of loopback.
final class ServerProcess: Sendable {
    private let child: ChildProcess
    private let end: Task<Int32, any Error>
    private let ended: Ended

    /// Whether the program has ended; shared with the task that waits for it.
    private final class Ended: Sendable {
        let flag = Atomic(false)
    }

    /// Starts a program; returns when it takes connections.
    ///
    /// - Throws: ``ServerFailure`` with its last words when it ended instead.
    static func start(
        _ program: FilePath, _ arguments: [String], environment: [String: String] = [:],
        port: UInt16, log: FilePath
    ) async throws -> ServerProcess {
        let server = try ServerProcess(program, arguments, environment, log)
        try await waitUntil(
            { takesConnections(port) || server.hasEnded },
            otherwise: ServerFailure(description: "\(program) takes no connections"))
        guard !server.hasEnded else {
            let words = (try? String(contentsOfFile: log.string, encoding: .utf8)) ?? ""
            throw ServerFailure(description: "\(program) ended: \(words.suffix(2_000))")
        }
        return server
    }

    private init(
        _ program: FilePath, _ arguments: [String], _ environment: [String: String],
        _ log: FilePath
    ) throws {
        let command = UnprivilegedUser.running(program, arguments)
        let child = try ChildProcess(
            command.program, command.arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"]
                .merging(environment) { $1 }, errors: log)
        let ended = Ended()
        self.child = child
        self.ended = ended
        end = Task {
            let status = try await child.wait().status
            ended.flag.store(true, ordering: .releasing)
            return status
        }
    }

    /// Of a test that failed, what is still running.
    deinit {
        if !hasEnded { child.signal(SIGTERM) }
    }

    /// Tells it to end, and waits until it has.
    func stop(_ signal: Int32 = SIGTERM) async throws {
        child.signal(signal)
        _ = try await end.value
    }

    private var hasEnded: Bool { ended.flag.load(ordering: .acquiring) }
}

/// The lines of a file; none when it is not there.
func lines(of file: FilePath) throws -> [String] {
    guard FileManager.default.fileExists(atPath: file.string) else { return [] }
    return try String(contentsOfFile: file.string, encoding: .utf8)
        .split(separator: "\n").map(String.init)
}
