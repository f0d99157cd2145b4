import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
package import Logging
import Packages
package import ServiceLifecycle
import Storage

/// The vendor's side of Tollgate: one HTTP application over one data folder.
///
/// The routes stand below on one page. Each protocol is a folder (`NPM/`, `Agent/`, `Metadata/`,
/// `Admin/`) that reads requests and writes answers; whether a license may have a release is decided
/// in one place for all of them, ``ReleaseAccess``.
package struct Gateway: Sendable {
    package let vendor: Vendor
    private let logger: Logger

    package init(_ vendor: Vendor, logger: Logger) {
        self.vendor = vendor
        self.logger = logger
    }

    /// Every address that the gateway answers.
    func routes() -> Router<GatewayRequestContext> {
        let router = Router(context: GatewayRequestContext.self)
        router.add(middleware: RequestFrame(logger: logger, now: vendor.now))

        let health = HealthRoutes(vendor: vendor)
        router.serve("/healthz", [.get: health.alive])
        router.serve("/readyz", [.get: health.ready])

        let agent = AgentRoutes(vendor: vendor)
        router.serve("/api/v1/on-premise/agent", [.post: agent.answer])

        let metadata = MetadataRoutes(vendor: vendor)
        router.serve("/metadata/:file", [.get: metadata.file])
        router.serve("/targets/**", [.get: metadata.target])

        let npm = NPMRoutes(vendor: vendor)
        router.serve("/-/ping", [.get: npm.ping])
        router.serve("/-/npm/v1/keys", [.get: npm.keys])
        router.serve("/:name", [.get: npm.packument])
        router.serve("/:name/:bare", [.get: npm.packument])
        router.serve("/:name/:bare/-/:file", [.get: npm.tarball])
        return router
    }

    /// Serves until it is told to stop, and signs the timestamp meanwhile.
    ///
    /// - Parameters:
    ///   - port: 0 for one of the kernel's choice
    ///   - listening: told the real port once connections are taken
    package func service(
        host: String, port: Int, listening: @escaping @Sendable (Int) async -> Void
    ) -> some Service {
        Application(
            router: routes(),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "tollgate/\(programVersion)"),
            services: [SigningClock(vendor: vendor, logger: logger)],
            onServerRunning: { channel in
                await listening(channel.localAddress?.port ?? port)
            },
            logger: logger.quietened)
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
