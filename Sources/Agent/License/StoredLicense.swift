package import Diagnostics
package import Fetcher
package import FoundationEssentials
package import Licensing

/// The license in the storage folder and at the gateway, as `pkg license` sees it too.
///
/// Each call begins with what is saved at that moment; those that write hold the storage folder's
/// lock.
package actor StoredLicense: LicenseDesk {
    private let settings: Settings
    private let clock: any AgentClock
    private let thread = LicenseThread()
    private var known: (identity: Identity, asked: Date)?

    private static let identityAge: TimeInterval = 3_600

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    package init(_ settings: Settings, clock: any AgentClock) {
        self.settings = settings
        self.clock = clock
    }

    package func nextCheckIn() async throws -> Date? {
        try await session().nextCheckIn
    }

    package func checkInIfDue() async throws -> LicenseStatus {
        try await changing { try await $0.checkInIfDue() }
    }

    package func refresh() async throws -> LicenseStatus {
        try await changing { try await $0.refresh() }
    }

    package func add(_ text: Secret<String>) async throws -> LicenseStatus {
        try await changing { try await $0.add(text, trustsOnFirstUse: false) }
    }

    package func remove(_ licenseID: String) async throws {
        try await changing { try await $0.remove(licenseID) }
    }

    package func save(_ users: [SeatRow]) async throws {
        let count = SeatCount(users, now: clock.now)
        try await changing { try $0.save(count) }
    }

    package func picture() async throws -> LicensePicture {
        try await LicensePicture(of: session(), in: settings.storage)
    }

    /// The database server is asked who it is once an hour: not for each request.
    private func session() async throws -> LicenseSession {
        let now = clock.now
        if let known, (0..<Self.identityAge).contains(now.timeIntervalSince(known.asked)) {
            return try LicenseSession(settings, identity: known.identity, now: now)
        }
        let session = try await LicenseSession(settings, now: now)
        known = (session.identity, now)
        return session
    }

    private func changing<Value: Sendable>(
        _ body: (LicenseSession) async throws -> Value
    ) async throws -> Value {
        try await StorageLock.hold(settings.storage) { try await body(try await session()) }
    }
}
