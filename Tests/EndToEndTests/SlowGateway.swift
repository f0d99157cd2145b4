import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A gateway behind a line on which a plugin does not wholly arrive until the test says so.
///
/// However busy the machine is, a test sees a download under way, and none that is over too early.
struct SlowGateway {
    let gateway: TestGateway
    /// Where customers ask.
    let url: String
    private let gate: Gate

    /// Runs both while `body` does.
    static func running(
        in folder: FilePath, _ body: (SlowGateway) async throws -> Void
    ) async throws {
        try await TestGateway.serving(in: folder) { gateway in
            let middle = try MiddleServer(before: try gateway.port)
            defer { middle.stop() }
            let gate = try Gate()
            middle.spoil { request, _, real in
                guard request.target.contains("slow"), request.target.hasSuffix(".tgz") else {
                    return nil
                }
                return real().trickle(until: gate)
            }
            try await body(SlowGateway(gateway: gateway, url: middle.url, gate: gate))
        }
    }

    /// Publishes a release of 400 kB; one with `slow` in its name arrives only by half.
    func publish(_ name: String, _ version: String = "1.0.0") async throws {
        var generator = SeededGenerator(seed: 7)
        // Noise, which no compression makes shorter.
        let noise = (0..<50_000).flatMap { _ in
            withUnsafeBytes(of: generator.next()) { [UInt8]($0) }
        }
        try await gateway.publish(name, version, files: ["noise": noise])
    }

    /// Lets all of what was held back arrive.
    func letThrough() throws { try gate.open() }

    /// A customer of its own with a license for these.
    func customer(_ name: String, _ plugins: [String]) async throws -> Customer {
        let license = try await gateway.issue(plugins)
        var customer = try Customer(
            in: gateway.folder, gateway: url, key: license.key, named: name)
        customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
        return customer
    }
}
