import Glibc
import Synchronization
package import SystemPackage

/// A MariaDB of a test's own: a data folder in a temporary folder, on loopback.
///
/// Has the account `root`, who needs no password on the Unix socket.
package final class MariaDBServer: Sendable {
    private static let install: FilePath = "/usr/bin/mariadb-install-db"
    private static let daemon: FilePath = "/usr/sbin/mariadbd"
    private static let client: FilePath = "/usr/bin/mariadb"
    private static let dump: FilePath = "/usr/bin/mariadb-dump"
    /// The kernel allows all servers together a limited number of asynchronous requests.
    private static let simpleIO = "--skip-innodb-use-native-aio"
    package static let programs = DebianPrograms(
        [install, daemon, client, dump], package: "mariadb-server")

    package let folder: FilePath
    package let port: UInt16
    private let child: ChildProcess
    private let isStopped = Atomic(false)

    /// Makes a data folder with nothing in it.
    package static func makeCluster(at folder: FilePath) async throws {
        guard mkdir(folder.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        try UnprivilegedUser.give(folder)
        try await runUnprivileged(
            install,
            [
                "--no-defaults", "--datadir=\(folder.appending("data"))", "--skip-test-db",
                "--auth-root-authentication-method=normal", simpleIO,
            ], log: folder.appending("log"))
    }

    /// Starts the server of a data folder; returns when it takes connections.
    package static func start(
        _ folder: FilePath, port: UInt16? = nil
    ) async throws -> MariaDBServer {
        let server = try MariaDBServer(folder, port: port ?? freePort())
        try await server.waitUntilReady()
        return server
    }

    /// Starts the server of a data folder, and does not wait for it.
    package init(_ folder: FilePath, port: UInt16) throws {
        self.folder = folder
        self.port = port
        let command = UnprivilegedUser.running(
            Self.daemon,
            [
                "--no-defaults", "--datadir=\(folder.appending("data"))",
                "--socket=\(folder.appending("s"))", "--pid-file=\(folder.appending("pid"))",
                "--port=\(port)", "--bind-address=127.0.0.1", "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0", Self.simpleIO,
                "--innodb-buffer-pool-size=16M",
            ])
        child = try ChildProcess(
            command.program, command.arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            errors: folder.appending("log"))
    }

    /// Of a test that failed, what is still running.
    deinit {
        if !isStopped.load(ordering: .relaxed) { child.signal(SIGKILL) }
    }

    package func waitUntilReady() async throws {
        try await waitUntil(
            { (try? await sql("SELECT 1")) != nil },
            otherwise: ServerFailure(description: "MariaDB in \(folder) does not start"))
    }

    package func stop() async throws {
        isStopped.store(true, ordering: .relaxed)
        child.signal(SIGTERM)
        _ = try await child.wait()
    }

    /// Runs statements as root.
    @discardableResult
    package func sql(_ statements: String..., database: String? = nil) async throws -> String {
        try await runUnprivileged(
            Self.client,
            connection + ["-N", "-B", "-e", statements.joined(separator: "; ")]
                + (database.map { [$0] } ?? []), log: folder.appending("log"))
    }

    /// Dumps a database and restores it into another server.
    package func dump(_ database: String, into other: MariaDBServer) async throws {
        let file = folder.appending("dump.sql")
        try await runUnprivileged(
            Self.dump, connection + ["--result-file=\(file)", database],
            log: folder.appending("log"))
        try await other.sql("SOURCE \(file)", database: database)
    }

    private var connection: [String] {
        ["--no-defaults", "--socket=\(folder.appending("s"))", "--user=root"]
    }
}
