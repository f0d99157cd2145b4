package import Diagnostics
package import Fetcher
package import Logging
import ServiceLifecycle

/// The agent put together from the settings: every part that runs, over one storage folder.
package struct AgentAssembly: Sendable {
    private let application: AgentApplication
    private let services: [any Service]
    private let access: PageAccess
    private let log: Logger

    /// - Parameters:
    ///   - settings: whose license it is
    ///   - environment: may name a Redis
    ///   - log: what administrators read
    /// - Throws: `replicas.redis-address`, `agent.file`, ``DiskError``
    package init(_ settings: Settings, environment: [String: String], log: Logger) throws {
        let clock = MachineClock()
        let file = try AgentFile.establish(in: settings.storage)
        let redis = try RedisAddress(environment: environment).map { RedisReplicas($0, log: log) }
        let board = LicenseBoard(
            StoredLicense(settings, clock: clock), clock: clock,
            replica: ReplicaID(storage: file.storage)
        ) { redis?.announce($0) }
        redis?.connect(to: board)
        access = PageAccess()
        application = AgentApplication(
            board, access: access, apiToken: file.apiToken, clock: clock, log: log)
        services =
            [
                CheckInLoop(board, clock: clock, log: log),
                StorageWatch(settings.storage, board, clock: clock),
            ] + [redis].compactMap(\.self)
        self.log = log
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Parameters:
    ///   - host: the address to listen on
    ///   - port: 0 for one of the kernel's choice
    ///   - listening: told the page's address once it can be opened
    /// - Throws: ``AgentError``
    package func run(
        host: String, port: Int, listening: @escaping @Sendable (Secret<String>) -> Void
    ) async throws {
        try await application.run(host: host, port: port, with: services) { [access] port in
            listening(PageAddress(host: host, port: port, token: access.makeToken()).text)
        }
    }
}
