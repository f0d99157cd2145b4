import CanonicalJSON
package import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle
package import UnixSignals
import WebPage

/// What runs beside the application at the customer: it checks in, and serves the license page to
/// administrators and the status to the application, on loopback.
///
/// Everybody sees the license through one ``LicenseBoard``. The services that run at the same time:
///
/// - ``CheckInLoop`` asks the gateway when it is due;
/// - ``StorageWatch`` notices what another program or replica changed in the storage folder;
/// - ``RedisReplicas``, when there is a Redis, tells the other replicas and hears of them;
/// - the web server answers the routes that stand below on one page.
package struct AgentApplication: Sendable {
    private let board: LicenseBoard
    private let access: PageAccess
    private let apiToken: Secret<String>
    private let clock: any AgentClock
    private let log: Logger

    package init(
        _ board: LicenseBoard, access: PageAccess, apiToken: Secret<String>,
        clock: any AgentClock, log: Logger
    ) {
        self.board = board
        self.access = access
        self.apiToken = apiToken
        self.clock = clock
        self.log = log
    }

    /// Every address that the agent answers.
    func routes() -> Router<AgentRequestContext> {
        let router = Router(context: AgentRequestContext.self)
        router.add(middleware: RequestGuard(log: log))
        router.get("/healthz") { _, _ in Response.json(["status": "ok"]) }
        router.head("/healthz") { _, _ in Response.json(["status": "ok"]) }

        let api = ApplicationAPI(board: board, access: access, token: apiToken)
        router.get("/v1/license", use: api.license)
        router.get("/v1/plugins", use: api.plugins)
        router.get("/v1/instance", use: api.instance)
        router.post("/v1/users", use: api.users)
        router.post("/v1/page-address", use: api.pageAddress)

        let page = PageRoutes(board: board, access: access, clock: clock)
        router.get("/", use: page.show)
        router.get("/license/remove", use: page.askBeforeRemoving)
        router.post("/license/add", use: page.add)
        router.post("/license/refresh", use: page.refresh)
        router.post("/license/remove", use: page.remove)
        router.get("/style.css") { _, _ in Response.text(PageStyle.css, type: "text/css") }
        router.get("/script.js") { _, _ in
            Response.text(PageScript.source, type: "text/javascript")
        }
        return router
    }

    /// How long a connection may stand without a whole request.
    private static let idleTimeout: TimeAmount = .seconds(30)
    /// More than the pools of an application keep open, fewer than there are descriptors.
    private static let maximumConnections = 256
    /// What is under way at the end has so long: container engines kill after ten seconds.
    private static let patience: Duration = .seconds(5)

    /// Serves, and runs the other services, until a signal ends them.
    ///
    /// - Parameters:
    ///   - host: 127.0.0.1 or ::1
    ///   - port: 0 for one of the kernel's choice
    ///   - services: what else runs
    ///   - signals: what ends them; a check-in or request that is under way has five seconds
    ///   - listening: told the real port once connections are taken
    /// - Throws: ``AgentError`` `agent.address-refused`, `agent.listen-failed`
    package func run(
        host: String, port: Int, with services: [any Service],
        endingOn signals: [UnixSignal] = [.sigterm, .sigint],
        listening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let group = try group(
            host: host, port: port, with: services, endingOn: signals, listening: listening)
        do {
            try await group.run()
        } catch let failure as any Failure {
            throw failure
        } catch {
            throw AgentError(
                .agentListenFailed, "The agent cannot listen on \(host):\(port).", cause: error)
        }
    }

    /// The same as services, for whoever decides by other means when they end.
    func group(
        host: String, port: Int, with services: [any Service], endingOn signals: [UnixSignal] = [],
        listening: @escaping @Sendable (Int) async -> Void
    ) throws(AgentError) -> ServiceGroup {
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else {
            throw AgentError(
                .agentAddressRefused, "\(host) can be reached from other machines.",
                status: .badRequest)
        }
        var quiet = log
        quiet.logLevel = .warning
        let server = Application(
            router: routes(),
            server: .http1(
                configuration: HTTP1Channel.Configuration(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "pkg-agent",
                availableConnectionsDelegate: MaximumAvailableConnections(
                    Self.maximumConnections)),
            onServerRunning: { channel in
                await listening(channel.localAddress?.port ?? port)
            },
            logger: quiet)
        var configuration = ServiceGroupConfiguration(
            services: services + [server], gracefulShutdownSignals: signals, logger: quiet)
        configuration.maximumGracefulShutdownDuration = Self.patience
        return ServiceGroup(configuration: configuration)
    }
}
