import Glibc
package import SystemPackage

/// Debian's redis-server on a port of 127.0.0.1, without a file on disk.
package struct RedisServer {
    package static let program = FilePath("/usr/bin/redis-server")
    package static var isInstalled: Bool { access(program.string, X_OK) == 0 }

    package let port: Int
    package let password: String
    private let process: ChildProcess

    /// Starts one on a port of the kernel's choice, and waits until it takes connections.
    package init(password: String) async throws {
        for _ in 0..<Self.tries {
            // Somebody else may be given the port before the server has it.
            if let server = try await Self.started(on: Int(freePort()), password) {
                self = server
                return
            }
        }
        throw ServerFailure(description: "redis-server found no port to listen on")
    }

    /// The same server after it was stopped: on the same port, knowing nothing of before.
    package func startedAgain() async throws -> RedisServer {
        for _ in 0..<Self.tries {
            if let server = try await Self.started(on: port, password) { return server }
        }
        throw ServerFailure(description: "redis-server cannot listen on \(port) again")
    }

    private static let tries = 20

    private init(port: Int, password: String, process: ChildProcess) {
        self.port = port
        self.password = password
        self.process = process
    }

    /// - Returns: nil when it ended before it took connections
    private static func started(on port: Int, _ password: String) async throws -> RedisServer? {
        let process = try ChildProcess(
            program,
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--requirepass", password, "--daemonize", "no",
            ], environment: ["PATH": "/usr/bin:/bin"])
        while let line = try await process.nextLine() {
            if line.contains("Ready to accept connections") {
                return RedisServer(port: port, password: password, process: process)
            }
        }
        _ = try await process.wait()
        return nil
    }

    /// Ends it at once, as a crash would.
    package func stop() async throws {
        process.signal(SIGKILL)
        _ = try await process.wait()
    }
}
