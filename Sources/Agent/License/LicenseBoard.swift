package import Diagnostics
package import FoundationEssentials
package import Licensing

/// The license as everybody in this agent sees it: one picture, read anew when it may have changed.
///
/// What is changed here is announced to the other replicas; what they announce comes in by
/// ``apply(_:)``.
package actor LicenseBoard {
    private let desk: any LicenseDesk
    private let clock: any AgentClock
    private let replica: ReplicaID
    private let announce: @Sendable (LicenseChange) -> Void
    private var latest: (picture: LicensePicture, read: Date)?
    /// Grows with every change, so that a picture that was read during one is not kept.
    private var revision = 0

    /// How long a picture is shown without looking again; terms and leases end by themselves.
    static let longestAge: TimeInterval = 30

    /// - Parameters:
    ///   - desk: who reads and changes the license
    ///   - clock: the time
    ///   - replica: who this agent is among its replicas
    ///   - announce: tells the others
    package init(
        _ desk: any LicenseDesk, clock: any AgentClock, replica: ReplicaID,
        announce: @escaping @Sendable (LicenseChange) -> Void = { _ in }
    ) {
        self.desk = desk
        self.clock = clock
        self.replica = replica
        self.announce = announce
    }

    /// How everything stands.
    package func picture() async throws -> LicensePicture {
        if let latest, (0..<Self.longestAge).contains(clock.now.timeIntervalSince(latest.read)) {
            return latest.picture
        }
        let begun = revision
        let picture = try await desk.picture()
        if begun == revision { latest = (picture, clock.now) }
        return picture
    }

    package func nextCheckIn() async throws -> Date? {
        try await desk.nextCheckIn()
    }

    package func checkInIfDue() async throws -> LicenseStatus {
        try await changing(.refreshed) { try await desk.checkInIfDue() }
    }

    package func refresh() async throws -> LicenseStatus {
        try await changing(.refreshed) { try await desk.refresh() }
    }

    package func add(_ text: Secret<String>) async throws -> LicenseStatus {
        try await changing(.added) { try await desk.add(text) }
    }

    package func remove(_ licenseID: String) async throws {
        try await changing(.removed, licenseID) { try await desk.remove(licenseID) }
    }

    package func save(_ users: [SeatRow]) async throws -> LicensePicture.Seats? {
        try await changing(.counted) { try await desk.save(users) }
        return try await picture().seats
    }

    /// What was read is not what is there any more.
    package func forget() {
        revision += 1
        latest = nil
    }

    /// Takes over what another replica did.
    ///
    /// One that shares the storage folder has changed what is here as well. One with a folder of its
    /// own could not: what it added or removed may be true for this instance too, so the gateway is
    /// asked. That is not announced again.
    ///
    /// - Returns: whether the message was about this instance
    @discardableResult
    package func apply(_ change: LicenseChange) async throws -> Bool {
        guard change.sender != replica.sender,
            change.instanceID == (try await picture().instance.id)
        else { return false }
        forget()
        if change.storage != replica.storage, change.kind == .added || change.kind == .removed,
            try await !picture().licenses.isEmpty
        {
            defer { forget() }
            _ = try await desk.refresh()
        }
        return true
    }

    /// A failure is remembered on the disk, so that the picture is another one afterwards too.
    private func changing<Value>(
        _ kind: LicenseChange.Kind, _ license: String? = nil, _ body: () async throws -> Value
    ) async throws -> Value {
        defer { forget() }
        let value = try await body()
        forget()
        announce(
            LicenseChange(
                kind: kind, instanceID: try await picture().instance.id, licenseID: license,
                storage: replica.storage, sender: replica.sender))
        return value
    }
}
