import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import Packages
import ServiceLifecycle
import Storage
import UnixSignals

/// The vendor's side of Tollgate: one HTTP application over one data folder.
///
/// The routes stand below on one page. Each protocol is a folder (`NPM/`, `Agent/`, `NocoDB/`,
/// `Metadata/`, `Health/`) that reads requests and writes answers; whether a license may have a
/// release is decided in one place for all of them, ``ReleaseAccess``.
package struct GatewayApplication: Sendable {
    package let vendor: Vendor
    private let access: GatewayAccess
    private let logger: Logger
    private let limits: ConnectionLimits

    /// - Parameters:
    ///   - vendor: whose gateway it is
    ///   - access: whether a proxy stands in front
    ///   - logger: has a line for each request
    package init(_ vendor: Vendor, _ access: GatewayAccess, logger: Logger) {
        let connections = vendor.settings.maximumConnections
        var limits = ConnectionLimits()
        limits.connections = connections
        limits.connectionsPerAddress = access == .direct ? connections / 4 : nil
        self.init(vendor, access, limits, logger: logger)
    }

    /// The same with other limits.
    init(
        _ vendor: Vendor, _ access: GatewayAccess, _ limits: ConnectionLimits, logger: Logger
    ) {
        self.vendor = vendor
        self.access = access
        self.limits = limits
        self.logger = logger
    }

    /// Every address that the gateway answers.
    func routes() -> Router<GatewayRequestContext> {
        let router = Router(context: GatewayRequestContext.self)
        router.add(middleware: RefusalsAsErrors())

        let health = HealthRoutes(vendor: vendor)
        router.serve("/healthz", [.get: health.alive])
        router.serve("/readyz", [.get: health.ready])

        let agent = AgentRoutes(vendor: vendor)
        router.serve("/api/v1/on-premise/agent", [.post: agent.answer])

        let bundles = BundleRoutes(vendor: vendor)
        router.serve("/api/v1/bundles", [.post: bundles.sign])

        let metadata = MetadataRoutes(vendor: vendor)
        router.serve("/metadata/:file", [.get: metadata.file])
        router.serve("/targets/**", [.get: metadata.target])

        addNPMRoutes(to: router)
        addNocoBaseRoutes(to: router)
        return router
    }

    private func addNPMRoutes(to router: Router<GatewayRequestContext>) {
        let session = SessionRoutes(vendor: vendor)
        router.serve("/-/whoami", [.get: session.whoami])
        router.serve("/-/user/:user", [.put: session.logIn])
        router.serve("/-/user/token/:token", [.delete: session.logOut])
        let web = WebLoginRoutes(vendor: vendor)
        router.serve("/-/v1/login", [.post: web.begin])
        router.serve("/-/v1/login/done/:secret", [.get: web.done])
        router.serve("/-/login/:login", [.get: web.page, .post: web.logIn])
        let tokens = TokenRoutes(vendor: vendor)
        router.serve("/-/npm/v1/tokens", [.get: tokens.list, .post: tokens.create])
        router.serve("/-/npm/v1/tokens/token/:key", [.delete: tokens.revoke])
        let search = SearchRoutes(vendor: vendor)
        router.serve("/-/v1/search", [.get: search.search])
        let audit = AuditRoutes(vendor: vendor)
        router.serve("/-/npm/v1/security/advisories/bulk", [.post: audit.bulk])
        let tags = DistTagRoutes(vendor: vendor)
        router.serve("/-/package/:name/dist-tags", [.get: tags.list])
        router.serve("/-/package/:name/:bare/dist-tags", [.get: tags.list])
        router.serve(
            "/-/package/:name/dist-tags/:tag", [.put: tags.set, .delete: tags.remove])
        router.serve(
            "/-/package/:name/:bare/dist-tags/:tag", [.put: tags.set, .delete: tags.remove])

        let packuments = PackumentRoutes(vendor: vendor)
        router.serve("/-/ping", [.get: packuments.ping])
        router.serve("/-/npm/v1/keys", [.get: packuments.keys])
        let publish = PublishRoutes(vendor: vendor)
        router.serve("/:name", [.get: packuments.packument, .put: publish.put])
        router.serve("/:name/:bare", [.get: packuments.packument, .put: publish.put])
        router.serve("/:name/:bare/-/:file", [.get: packuments.tarball])
        for name: RouterPath in ["/:name", "/:name/:bare"] {
            router.serve(
                "\(name)/-rev/:rev",
                [.put: publish.putRevision, .delete: publish.deletePackage])
            router.serve("\(name)/-/:file/-rev/:rev", [.delete: publish.deleteTarball])
        }
    }

    private func addNocoBaseRoutes(to router: Router<GatewayRequestContext>) {
        let nocoBase = NocoBaseRoutes(vendor: vendor)
        router.serve("/-/verdaccio/sec/login", [.post: nocoBase.logIn])
        router.serve("/pro-packages", [.get: nocoBase.proPackages])
        router.serve("/api/license_keys:getKey", [.post: nocoBase.licenseKey])
        router.serve("/api/license_keys:getKeyStatus", [.post: nocoBase.licenseKeyStatus])
    }

    /// Serves until SIGTERM or SIGINT: then it takes no new connections and ends the requests that it
    /// has, those that take too long before they are done.
    ///
    /// - Parameters:
    ///   - host: the address to listen on
    ///   - port: 0 for one of the kernel's choice
    ///   - listening: told the real port once connections are taken
    /// - Throws: ``ListenError`` `gateway.listen-failed`
    package func run(
        host: String, port: Int, listening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        let group = services(
            host: host, port: port, endingOn: [.sigterm, .sigint], listening: listening)
        do {
            try await group.run()
        } catch let failure as any Failure {
            throw failure
        } catch {
            throw ListenError.failed(host: host, port: port, cause: error)
        }
    }

    /// The same as services, for whoever decides by other means when they end.
    ///
    /// - Parameters:
    ///   - host: the address to listen on
    ///   - port: 0 for one of the kernel's choice
    ///   - signals: what ends them
    ///   - requestsEndWithin: how long running requests are waited for at the end
    ///   - listening: told the real port once connections are taken
    /// - Returns: services that serve, and sign the timestamp while they do
    func services(
        host: String, port: Int, endingOn signals: [UnixSignal] = [],
        requestsEndWithin: Duration = .seconds(10),
        listening: @escaping @Sendable (Int) async -> Void
    ) -> ServiceGroup {
        var configuration = ServiceGroupConfiguration(
            services: [
                SigningClock(vendor: vendor, logger: logger),
                server(host: host, port: port, listening: listening),
            ],
            gracefulShutdownSignals: signals, logger: logger.quietened)
        configuration.maximumGracefulShutdownDuration = requestsEndWithin
        return ServiceGroup(configuration: configuration)
    }

    /// What listens, and answers on the connections that it takes.
    private func server(
        host: String, port: Int, listening: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        let group = MultiThreadedEventLoopGroup.singleton
        let frame = RequestFrame(vendor, access, logger: logger)
        return Server(
            childChannelSetup: GatewayServer(
                routes().buildResponder(), frame, limits, on: group),
            configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { channel in
                await listening(channel.localAddress?.port ?? port)
            },
            eventLoopGroup: group, logger: logger.quietened)
    }
}

extension Logger {
    /// The same log without what the web framework says of itself at each start and connection.
    fileprivate var quietened: Logger {
        var logger = self
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
