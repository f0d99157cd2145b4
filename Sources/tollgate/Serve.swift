import ArgumentParser
import Diagnostics
import Gateway
import Logging
import Storage
import SystemPackage
import TerminalOutput

/// `tollgate serve`: answers installations until it is told to stop.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the gateway over HTTP, on loopback unless told otherwise.")

    @OptionGroup var data: DataFolderOption

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 for one of the kernel's choice.")
    var port = 8080

    @Flag(help: "A proxy that speaks TLS stands in front: listen on any address.")
    var behindProxy = false

    @Flag(help: "Listen on any address without TLS, for a test network.")
    var insecureHttp = false

    @Option(help: "How log lines look on standard error: text or json.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("A port is a number from 0 to 65535.")
        }
    }

    func run() async throws {
        guard isLoopback || behindProxy || insecureHttp else {
            throw ListenError.notLoopback(host: host)
        }
        let vendor = try data.openVendor()
        guard behindProxy || vendor.settings.accelRedirect == nil else {
            throw UsageError(
                "The setting x-accel-redirect is for nginx in front, and none is said to be there.",
                remedy:
                    "Add --behind-proxy, or take x-accel-redirect out of \(data.folder.settings).")
        }
        try await vendor.signMetadata(.everything)
        let log = LogWriter(.standardError)
        defer { log.finish() }
        let logger = Logger(label: "tollgate") { [logFormat] _ in
            LineLogHandler(format: logFormat) { log.append($0) }
        }
        let descriptors = SystemLimits.raiseDescriptors()
        // Some are for the database, for files that are sent, and for the program itself.
        if descriptors < vendor.settings.maximumConnections + 256 {
            logger.warning(
                "The system allows fewer descriptors than maximum-connections needs.",
                metadata: [
                    "descriptors": "\(descriptors)",
                    "maximum_connections": "\(vendor.settings.maximumConnections)",
                ])
        }
        let gateway = GatewayApplication(
            vendor, behindProxy ? .behindProxy : .direct, logger: logger)
        try await gateway.run(host: host, port: port) { [host] port in
            Terminal.print(
                "Listening on http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
            logger.info(
                "listening",
                metadata: [
                    "host": "\(host)", "port": "\(port)", "url": "\(vendor.settings.url)",
                ])
        }
        logger.info("stopped")
    }

    private var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }
}
