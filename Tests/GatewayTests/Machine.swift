import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import SystemPackage

/// A machine of the customer's: a storage folder and its settings.
struct Machine {
    let gateway: TestGateway
    let storage: FilePath
    let identity: Identity
    var environment: [String: String] = [:]
    /// By how much its clock is ahead.
    var skew: TimeInterval = 0
    var isReachable = true

    init(_ gateway: TestGateway, _ name: String = "customer") async throws {
        self.gateway = gateway
        storage = gateway.test.folder.appending(name).appending("storage")
        identity = try await Identity.establish(
            in: Settings(
                flags: Settings.Flags(), environment: ["TOLLGATE_STORAGE": storage.string]))
    }

    var now: Date { gateway.test.clock.now + skew }

    var session: LicenseSession {
        get throws {
            var all = environment
            all["TOLLGATE_STORAGE"] = storage.string
            // No gateway is at the other address, and it says so at once.
            all["TOLLGATE_URL"] = gateway.base + (isReachable ? "" : "/elsewhere")
            return try LicenseSession(
                Settings(flags: Settings.Flags(), environment: all), identity: identity,
                now: now)
        }
    }

    @discardableResult
    func add(_ key: LicenseKey) async throws -> LicenseStatus {
        try await session.add(key.text, trustsOnFirstUse: false)
    }

    var status: LicenseStatus {
        get throws { try session.savedLicense().status }
    }

    func file(_ name: String) -> String { "\(storage)/.license/\(name)" }

    /// Runs a gateway with two plugins, and a machine beside it.
    static func run(
        _ body: @Sendable @escaping (TestGateway, Machine) async throws -> Void
    ) async throws {
        try await TestGateway.run { gateway in
            try await gateway.test.publish("@acme/a", "1.0.0")
            try await gateway.test.publish("@acme/b", "1.0.0")
            try await body(gateway, try await Machine(gateway))
        }
    }
}
