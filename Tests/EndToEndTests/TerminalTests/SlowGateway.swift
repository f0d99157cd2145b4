import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A gateway with nginx before it that lets each response through slowly: a customer's narrow line.
struct SlowGateway {
    let gateway: TestGateway
    /// At that many bytes a second.
    let rate: Int
    /// Where customers ask.
    let url: String

    /// Runs both while `body` does.
    static func running(
        in folder: FilePath, rate: Int, _ body: (SlowGateway) async throws -> Void
    ) async throws {
        try await TestGateway.serving(in: folder) { gateway in
            let port = try freePort()
            let nginx = try await NginxServer.start(
                in: folder.appending("nginx"), port: port,
                site: """
                    server {
                        listen 127.0.0.1:\(port);
                        location / { proxy_pass \(gateway.url); limit_rate \(rate); }
                    }
                    """)
            let slow = SlowGateway(
                gateway: gateway, rate: rate, url: "http://127.0.0.1:\(port)")
            let result: Result<Void, any Error>
            do { result = .success(try await body(slow)) } catch { result = .failure(error) }
            try await nginx.stop()
            try result.get()
        }
    }

    /// Publishes a release that takes so many seconds to download.
    func publish(_ name: String, _ version: String = "1.0.0", seconds: Int) async throws {
        var generator = SeededGenerator(seed: 7)
        // Noise, which no compression makes shorter.
        let noise = (0..<(seconds * rate / 8)).flatMap { _ in
            withUnsafeBytes(of: generator.next()) { [UInt8]($0) }
        }
        try await gateway.publish(name, version, files: ["noise": noise])
    }

    /// A customer of its own with a license for these.
    func customer(_ name: String, _ plugins: [String]) async throws -> Customer {
        let license = try await gateway.issue(plugins)
        var customer = try Customer(
            in: gateway.folder, gateway: url, key: license.key, named: name)
        customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
        return customer
    }
}
