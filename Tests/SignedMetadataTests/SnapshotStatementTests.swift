import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// Where a statement stands in the timestamp's place.
struct SnapshotStatementTests {
    private var repository: TestRepository
    private let machine: TestMachine

    init() throws {
        repository = try TestRepository()
        machine = try TestMachine(repository)
    }

    private func refresh(
        _ version: Int64, made created: Date = now, at time: Date = now
    ) async throws -> MetadataClient {
        machine.transport.serve(repository.files)
        let client = try machine.client(at: time)
        try await client.refresh(
            by: SnapshotStatement(
                created: created, expires: .distantFuture,
                snapshot: FileDescription(version: version)))
        return client
    }

    @Test func asksForNoTimestampAndKeepsNone() async throws {
        _ = try await refresh(1)
        #expect(
            machine.transport.requests == ["2.root.json", "1.snapshot.json", "1.targets.json"])
        #expect(try machine.versions() == ["snapshot": 1, "targets": 1])
    }

    @Test func asksForNothingThatIsHere() async throws {
        _ = try await refresh(1)
        _ = try await refresh(1)
        #expect(machine.transport.requests == ["2.root.json"])
    }

    /// What the statement's own end guards against, the snapshot's need not.
    @Test mutating func aSnapshotHadToBeInForceWhenItWasStated() async throws {
        repository.expiries["snapshot"] = now + 5 * day
        try repository.publishNext("snapshot")
        _ = try await refresh(2, made: now + 4 * day, at: now + 20 * day)
        #expect(try machine.version("snapshot") == 2)
        // From the disk as well.
        _ = try await refresh(2, made: now + 4 * day, at: now + 20 * day)
        #expect(machine.transport.requests == ["2.root.json"])
        try repository.publishNext("snapshot")
        await expectTrustError(.trustExpired) {
            _ = try await refresh(3, made: now + 6 * day, at: now + 20 * day)
        }
    }

    @Test func otherRolesExpireAsEver() async throws {
        await expectTrustError(.trustExpired) {
            _ = try await refresh(1, at: now + 31 * day)
        }
    }

    @Test mutating func goesBackBehindNothingSeenBefore() async throws {
        let old = repository
        try repository.publishNext("snapshot", "timestamp")
        try await machine.refresh(repository)
        repository = old
        await expectTrustError(.trustRollback) { _ = try await refresh(1) }
        // Nor on a machine that has never seen a timestamp.
        let other = try TestMachine(repository)
        try repository.publishNext("snapshot")
        other.transport.serve(repository.files)
        try await other.client().refresh(by: statement(2))
        await expectTrustError(.trustRollback) {
            try await other.client().refresh(by: statement(1))
        }
        #expect(try other.version("snapshot") == 2)
    }

    @Test mutating func theGatewayGoesOnFromThere() async throws {
        try repository.publishNext("targets", "snapshot")
        _ = try await refresh(2)
        // A mirror shows what was before.
        let old = try TestRepository(like: repository, snapshot: 1)
        await expectTrustError(.trustRollback) { try await machine.refresh(old) }
        try repository.publishNext("timestamp")
        try await machine.refresh(repository)
        #expect(try machine.version("timestamp") == 2)
    }

    private func statement(_ version: Int64) -> SnapshotStatement {
        SnapshotStatement(
            created: now, expires: .distantFuture, snapshot: FileDescription(version: version))
    }
}

extension TestRepository {
    /// The same repository when the snapshot had that version and targets were in their first.
    fileprivate init(like repository: TestRepository, snapshot version: Int64) throws {
        self = repository
        versions["targets"] = 1
        versions["snapshot"] = version
        try publish("targets", "snapshot", "timestamp")
    }
}
