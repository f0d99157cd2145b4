import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// A PostgreSQL of a test's own: a cluster in a temporary folder, on loopback.
///
/// Has the superuser `postgres`, who needs no password on the Unix socket, and on TCP asks everybody
/// for one.
package final class PostgresServer: Sendable {
    /// Of the newest release that is installed: Debian has a folder for each.
    private static let bin: FilePath = {
        let root = "/usr/lib/postgresql"
        let releases = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return FilePath("\(root)/\(releases.compactMap { Int($0) }.max() ?? 0)/bin")
    }()

    package static let programs = DebianPrograms(
        [bin.appending("initdb"), bin.appending("postgres"), bin.appending("pg_upgrade")],
        package: "postgresql")

    /// The cluster: its data and its sockets.
    package let folder: FilePath
    package let port: UInt16
    private let child: ChildProcess
    private let isStopped = Atomic(false)

    package static func data(_ folder: FilePath) -> FilePath { folder.appending("data") }

    /// Makes a cluster with nothing in it.
    package static func makeCluster(at folder: FilePath) async throws {
        guard mkdir(folder.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        try UnprivilegedUser.give(folder)
        try await runUnprivileged(
            bin.appending("initdb"),
            [
                "--pgdata=\(data(folder))", "--username=postgres", "--no-sync",
                "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8",
                "--locale=C.UTF-8",
            ], log: folder.appending("log"))
    }

    /// Starts the server of a cluster; returns when it takes connections.
    package static func start(
        _ folder: FilePath, port: UInt16? = nil
    ) async throws -> PostgresServer {
        let server = try PostgresServer(folder, port: port ?? freePort())
        try await server.waitUntilReady()
        return server
    }

    /// Starts the server of a cluster, and does not wait for it.
    ///
    /// - Parameters:
    ///   - folder: the cluster
    ///   - port: the TCP port on loopback
    ///   - options: settings of postgresql.conf, `name=value`
    /// - Throws: ``Errno`` when it cannot be started.
    package init(_ folder: FilePath, port: UInt16, options: [String] = []) throws {
        self.folder = folder
        self.port = port
        let command = UnprivilegedUser.running(
            Self.bin.appending("postgres"),
            [
                "-D", Self.data(folder).string, "-k", folder.string, "-p", "\(port)",
                "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=20",
                "-c", "shared_buffers=16MB",
            ] + options.flatMap { ["-c", $0] })
        child = try ChildProcess(
            command.program, command.arguments,
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"],
            errors: folder.appending("log"))
    }

    /// Of a test that failed, what is still running.
    deinit {
        if !isStopped.load(ordering: .relaxed) { child.signal(SIGQUIT) }
    }

    package func waitUntilReady() async throws {
        try await waitUntil(
            { (try? await sql("SELECT 1")) != nil },
            otherwise: ServerFailure(description: "PostgreSQL in \(folder) does not start"))
    }

    /// Stops it as `pg_ctl stop -m fast` does.
    package func stop() async throws {
        isStopped.store(true, ordering: .relaxed)
        child.signal(SIGINT)
        _ = try await child.wait()
    }

    /// Runs statements as the superuser.
    @discardableResult
    package func sql(_ statements: String..., database: String = "postgres") async throws -> String
    {
        try await runUnprivileged(
            Self.bin.appending("psql"),
            ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"] + at(database)
                + statements.flatMap { ["-c", $0] }, log: folder.appending("log"))
    }

    /// Dumps a database and restores it into another server.
    package func dump(_ database: String, into other: PostgresServer) async throws {
        let file = folder.appending("dump.sql")
        try await runUnprivileged(
            Self.bin.appending("pg_dump"), ["--file=\(file)"] + at(database),
            log: folder.appending("log"))
        try await runUnprivileged(
            Self.bin.appending("psql"),
            ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.string] + other.at(database),
            log: other.folder.appending("log"))
    }

    /// Upgrades a stopped cluster into a new one, as from one major release to the next.
    package static func upgrade(_ old: FilePath, to new: FilePath) async throws {
        let work = new.appending("upgrade")
        guard mkdir(work.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        try UnprivilegedUser.give(work)
        try await runUnprivileged(
            "/bin/sh",
            [
                "-c", "cd \"$0\" && exec \"$@\"", work.string, bin.appending("pg_upgrade").string,
                "-b", bin.string, "-B", bin.string, "-d", data(old).string, "-D",
                data(new).string, "-U", "postgres", "-s", work.string,
            ], log: new.appending("log"))
    }

    private func at(_ database: String) -> [String] {
        ["-h", folder.string, "-p", "\(port)", "-U", "postgres", "-d", database]
    }
}
