package import CanonicalJSON
import DatabaseIdentity
import Diagnostics
import Glibc
package import Licensing
import SystemPackage

/// Which installation this is: the Instance ID and the facts that it is made of.
package struct Identity: Sendable {
    package let id: InstanceID
    package let facts: InstanceFacts
    /// What to know of how the facts were found: that the database is away, and what holds instead.
    package let notices: [String]

    private init(_ facts: InstanceFacts, notices: [String] = []) {
        id = InstanceID(facts: facts)
        self.facts = facts
        self.notices = notices
    }

    /// Works the ID out, and keeps what it is made of.
    ///
    /// 1. The ID of `TOLLGATE_INSTANCE_ID` stands alone when it is set: no database is asked.
    /// 2. With a database server configured, the server is asked, and it and the database's name bind.
    /// 3. When it stays away, or its client library is missing, what was proven last holds.
    /// 4. Without a database server the storage folder's own random number binds.
    ///
    /// - Parameters:
    ///   - settings: what the person or the container said
    ///   - anew: gives up what was seen before, so that the ID is another where it can be
    ///   - clock: measures the wait for a database that is still starting
    ///   - deadline: when the run must have ended; nil: no limit beside the wait
    ///   - announce: called with a sentence when such a wait begins
    /// - Returns: The ID with its facts.
    /// - Throws: ``LicenseError``, ``DatabaseError`` `database.*`, ``DiskError``.
    package static func establish<Time: Clock>(
        in settings: Settings, anew: Bool = false, clock: Time = ContinuousClock(),
        by deadline: Time.Instant? = nil, announce: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Identity where Time.Duration == Duration {
        let saved = SavedLicense(settings.storage)
        let original = try saved.instanceRecord(making: settings.instanceID == nil)
        let (identity, record) = try await workOut(
            settings, original ?? InstanceRecord(), anew: anew, clock: clock, by: deadline,
            announce: announce)
        if let original, record.isWorthSaving(after: original), settings.instanceID == nil {
            try saved.save(record)
        }
        try saved.saveInstanceID(identity.id)
        return identity
    }

    /// The ID as it is now, for who keeps nothing and does not wait for a database.
    ///
    /// - Parameter settings: what the person or the container said
    /// - Returns: the ID; and whether the next run has the same: without a record it makes one
    /// - Throws: as ``establish(in:anew:clock:by:announce:)``
    static func present(
        in settings: Settings
    ) async throws -> (identity: Identity, isKept: Bool) {
        try await present(
            in: settings, patience: min(settings.databaseWait ?? .seconds(3), .seconds(3)),
            by: nil, announce: { _ in })
    }

    /// The same for a dry run, which waits for a database as long as another run.
    static func present(
        in settings: Settings, by deadline: ContinuousClock.Instant,
        announce: @escaping @Sendable (String) -> Void
    ) async throws -> (identity: Identity, isKept: Bool) {
        try await present(in: settings, patience: nil, by: deadline, announce: announce)
    }

    private static func present(
        in settings: Settings, patience: Duration?, by deadline: ContinuousClock.Instant?,
        announce: @escaping @Sendable (String) -> Void
    ) async throws -> (identity: Identity, isKept: Bool) {
        let original = try SavedLicense(settings.storage).instanceRecord(making: false)
        let (identity, _) = try await workOut(
            settings, original ?? InstanceRecord(), anew: false, patience: patience,
            clock: ContinuousClock(), by: deadline, announce: announce)
        return (identity, original != nil || settings.instanceID != nil)
    }

    private static func workOut<Time: Clock>(
        _ settings: Settings, _ original: InstanceRecord, anew: Bool, patience: Duration? = nil,
        clock: Time, by deadline: Time.Instant? = nil,
        announce: @escaping @Sendable (String) -> Void
    ) async throws -> (Identity, InstanceRecord) where Time.Duration == Duration {
        var record = original
        if let pinned = settings.instanceID {
            let facts = InstanceFacts(
                pinned: pinned, recorded: recordedFacts(), before: original.before([:]))
            return (Identity(facts), record)
        }
        if anew { record.forget() }
        var binding: [String: String] = [:]
        var recorded = recordedFacts()
        var notices: [String] = []
        if let address = settings.database {
            let holds = anew ? nil : record.known.first?.binding
            do {
                let usual = holds == nil ? Self.patience : shortPatience
                let sighting = try await DatabaseQuestion(address).ask(
                    waiting: patience ?? settings.databaseWait ?? usual,
                    atMost: limit(clock, deadline, leavesTime: holds != nil), clock: clock,
                    announce: { announce("Waiting for the database: \($0.message)") })
                binding = record.bind(sighting)
                recorded["database.version"] = sighting.version
            } catch let error as DatabaseError {
                guard let holds, mayBeBridged.contains(error.code) else { throw error }
                binding = holds
                notices.append("\(error) The Instance ID worked out before holds.")
            }
        } else {
            binding = record.bindStorage()
        }
        let facts = InstanceFacts(
            binding: binding, recorded: recorded, before: record.before(binding))
        return (Identity(facts, notices: notices), record)
    }

    /// For a database that starts beside the application: the first start is the slowest.
    private static let patience = Duration.seconds(30)
    /// With an ID that holds meanwhile nobody has to wait long.
    private static let shortPatience = Duration.seconds(5)
    /// How long the database may take of a run that has a deadline: where an ID holds meanwhile half of
    /// what is left, so that the rest is for what the run is made for.
    private static func limit<Time: Clock>(
        _ clock: Time, _ deadline: Time.Instant?, leavesTime: Bool
    ) -> Duration? where Time.Duration == Duration {
        guard let deadline else { return nil }
        let left = max(clock.now.duration(to: deadline), .zero)
        return leavesTime ? left / 2 : left
    }

    private static let mayBeBridged = [
        FailureCode.databaseUnreachable, .databaseClientMissing,
    ]

    /// What is shown and does not bind: a new base image is no new instance.
    private static func recordedFacts() -> [String: String] {
        var facts: [String: String] = [:]
        if let kernel = KernelName() {
            facts["system.os"] = kernel.system
            facts["system.version"] = kernel.release
        }
        facts["system.image"] = imageName()
        return facts
    }

    /// What os-release(5) calls the system; the file in `/etc` is mostly a link to the other.
    private static func imageName() -> String? {
        let files: [FilePath] = ["/etc/os-release", "/usr/lib/os-release"]
        guard
            let bytes = files.lazy.compactMap({
                (try? Disk.read($0, maximumBytes: 1 << 16)) ?? nil
            }).first
        else { return nil }
        let name = "PRETTY_NAME="
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix(name) }
            .map { $0.dropFirst(name.count).filter { $0 != "\"" && $0 != "'" } }
    }
}

extension Identity {
    /// For `pkg instance-id --json`.
    package func json(withFacts: Bool) -> JSONValue {
        var json: JSONObject = ["schema": 1, "instance_id": .string(id.description)]
        if withFacts { json["facts"] = facts.json }
        json["notices"] = .array(notices.map { .string($0) })
        return .object(json)
    }

    /// The facts, one a line, those that bind first.
    package var factLines: [String] {
        facts.binding.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) (binds)" }
            + facts.recorded.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
}
