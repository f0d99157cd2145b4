import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// Every rule of section 5 that a file can break, with the code that says so.
struct TrustedMetadataTests {
    private var repository: TestRepository

    init() throws {
        repository = try TestRepository()
    }

    private func file(_ name: String) throws -> [UInt8] {
        try #require(repository.files[name])
    }

    private func trusted(at time: Date = now) throws -> TrustedMetadata {
        try TrustedMetadata(trustedRoot: file("1.root.json"), now: time)
    }

    private func trusted(upTo role: TopLevelRole) throws -> TrustedMetadata {
        var set = try trusted()
        if role == .root { return set }
        _ = try set.updateTimestamp(file("timestamp.json"))
        if role == .timestamp { return set }
        try set.updateSnapshot(file("1.snapshot.json"))
        if role == .snapshot { return set }
        try set.updateTargets(file("1.targets.json"), for: .topLevel)
        return set
    }

    // MARK: 5.2, 5.3

    @Test func beginsWithAnExpiredRoot() throws {
        _ = try TrustedMetadata(trustedRoot: file("1.root.json"), now: now + 1_000 * day)
    }

    @Test mutating func refusesAFirstRootThatItsKeysDidNotSign() async throws {
        repository.signers["root"] = [try PrivateKey.generate(.ed25519)]
        try repository.publish("root")
        await expectTrustError(.trustUnsigned) { _ = try trusted() }
    }

    @Test mutating func refusesARootThatSkipsAVersion() async throws {
        repository.versions["root"] = 3
        try repository.publish("root")
        var set = try trusted()
        await expectTrustError(.trustRollback) { try set.updateRoot(try file("3.root.json")) }
        #expect(set.root.version == 1)
    }

    @Test func refusesTheRootThatItHas() async throws {
        var set = try trusted()
        await expectTrustError(.trustRollback) { try set.updateRoot(try file("1.root.json")) }
    }

    @Test func refusesAnExpiredLastRoot() async throws {
        let set = try trusted(at: now + 30 * day)
        await expectTrustError(.trustExpired) { try set.checkRootExpiry() }
        try trusted(at: now + 30 * day - 1).checkRootExpiry()
    }

    // MARK: 5.4

    @Test mutating func refusesAnUnsignedTimestamp() async throws {
        repository.signers["timestamp"] = repository.signers["snapshot"]
        try repository.publish("timestamp")
        var set = try trusted()
        await expectTrustError(.trustUnsigned) {
            _ = try set.updateTimestamp(try file("timestamp.json"))
        }
        #expect(set.timestamp == nil)
    }

    @Test mutating func refusesAnOlderTimestamp() async throws {
        try repository.publishNext("timestamp")
        var set = try trusted(upTo: .timestamp)
        repository.versions["timestamp"] = 1
        try repository.publish("timestamp")
        await expectTrustError(.trustRollback) {
            _ = try set.updateTimestamp(try file("timestamp.json"))
        }
        #expect(set.timestamp?.version == 2)
    }

    @Test mutating func keepsATimestampOfTheSameVersion() throws {
        var set = try trusted(upTo: .timestamp)
        repository.snapshotDescription = FileDescription(version: 100)
        try repository.publish("timestamp")
        #expect(try !set.updateTimestamp(file("timestamp.json")))
        #expect(set.timestamp?.snapshot.version == 1)
    }

    @Test mutating func refusesATimestampThatNamesAnOlderSnapshot() async throws {
        try repository.publishNext("snapshot", "timestamp")
        var set = try trusted(upTo: .timestamp)
        repository.snapshotDescription = FileDescription(version: 1)
        try repository.publishNext("timestamp")
        await expectTrustError(.trustRollback) {
            _ = try set.updateTimestamp(try file("timestamp.json"))
        }
        #expect(set.timestamp?.version == 2)
    }

    @Test mutating func refusesAnExpiredTimestamp() async throws {
        repository.expiries["timestamp"] = now
        try repository.publish("timestamp")
        var set = try trusted()
        await expectTrustError(.trustExpired) {
            _ = try set.updateTimestamp(try file("timestamp.json"))
        }
        #expect(set.timestamp == nil)
    }

    @Test mutating func guardsWithAnExpiredStoredTimestamp() async throws {
        repository.expiries["timestamp"] = now - day
        try repository.publishNext("timestamp")
        let stored = try file("timestamp.json")
        repository.expiries["timestamp"] = nil
        repository.versions["timestamp"] = 1
        try repository.publish("timestamp")
        var set = try trusted()
        try set.loadStoredTimestamp(stored)
        await expectTrustError(.trustRollback) {
            _ = try set.updateTimestamp(try file("timestamp.json"))
        }
        await expectTrustError(.trustExpired) { try set.checkTimestampExpiry() }
    }

    // MARK: 5.5

    @Test mutating func refusesASnapshotThatHasNotTheSignedHash() async throws {
        repository.givesHashes = true
        try repository.publish("snapshot", "timestamp")
        var set = try trusted(upTo: .timestamp)
        var bytes = try file("1.snapshot.json")
        await expectTrustError(.trustLength) { try set.updateSnapshot(bytes + [0x20]) }
        bytes.swapAt(3, 4)
        await expectTrustError(.trustHash) { try set.updateSnapshot(bytes) }
        try set.updateSnapshot(file("1.snapshot.json"))
    }

    @Test mutating func refusesAHashOfNoKnownKind() async throws {
        repository.snapshotDescription = FileDescription(version: 1, hashes: [])
        let json: JSONValue = ["version": 1, "hashes": ["md5": "00"]]
        var members = try #require(
            Timestamp(version: 1, expires: now + day, snapshot: FileDescription(version: 1))
                .json.object)
        members["meta"] = ["snapshot.json": json]
        try repository.publish("timestamp", .object(members))
        var set = try trusted(upTo: .timestamp)
        await expectTrustError(.trustHash) { try set.updateSnapshot(try file("1.snapshot.json")) }
    }

    @Test mutating func refusesAnUnsignedSnapshot() async throws {
        repository.signers["snapshot"] = repository.signers["timestamp"]
        try repository.publish("snapshot")
        var set = try trusted(upTo: .timestamp)
        await expectTrustError(.trustUnsigned) {
            try set.updateSnapshot(try file("1.snapshot.json"))
        }
    }

    @Test mutating func refusesASnapshotOfAnotherVersion() async throws {
        var set = try trusted(upTo: .timestamp)
        try repository.publishNext("snapshot")
        await expectTrustError(.trustMixAndMatch) {
            try set.updateSnapshot(try file("2.snapshot.json"))
        }
        #expect(set.snapshot == nil)
    }

    @Test mutating func refusesASnapshotWithAnOlderRole() async throws {
        repository.snapshotFiles["plugin.json"] = FileDescription(version: 5)
        try repository.publish("snapshot")
        let stored = try file("1.snapshot.json")
        repository.snapshotFiles["plugin.json"] = FileDescription(version: 4)
        try repository.publishNext("snapshot", "timestamp")
        var set = try trusted(upTo: .timestamp)
        #expect(try !set.loadStoredSnapshot(stored))
        await expectTrustError(.trustRollback) {
            try set.updateSnapshot(try file("2.snapshot.json"))
        }
    }

    @Test mutating func refusesASnapshotThatDropsARole() async throws {
        repository.snapshotFiles["plugin.json"] = FileDescription(version: 5)
        try repository.publish("snapshot")
        let stored = try file("1.snapshot.json")
        repository.snapshotFiles["plugin.json"] = nil
        try repository.publishNext("snapshot", "timestamp")
        var set = try trusted(upTo: .timestamp)
        _ = try set.loadStoredSnapshot(stored)
        await expectTrustError(.trustRollback) {
            try set.updateSnapshot(try file("2.snapshot.json"))
        }
    }

    @Test mutating func refusesAnExpiredSnapshot() async throws {
        repository.expiries["snapshot"] = now - 1
        try repository.publish("snapshot")
        var set = try trusted(upTo: .timestamp)
        await expectTrustError(.trustExpired) {
            try set.updateSnapshot(try file("1.snapshot.json"))
        }
        #expect(try !set.loadStoredSnapshot(file("1.snapshot.json")))
        #expect(set.snapshot == nil)
    }

    // MARK: 5.6

    @Test mutating func refusesTargetsThatHaveNotTheSignedHash() async throws {
        repository.givesHashes = true
        try repository.publish("targets", "snapshot", "timestamp")
        var set = try trusted(upTo: .snapshot)
        var bytes = try file("1.targets.json")
        bytes.swapAt(3, 4)
        await expectTrustError(.trustHash) { try set.updateTargets(bytes, for: .topLevel) }
    }

    @Test mutating func refusesUnsignedTargets() async throws {
        repository.signers["targets"] = repository.signers["snapshot"]
        try repository.publish("targets")
        var set = try trusted(upTo: .snapshot)
        await expectTrustError(.trustUnsigned) {
            try set.updateTargets(try file("1.targets.json"), for: .topLevel)
        }
    }

    @Test mutating func refusesTargetsOfAnotherVersion() async throws {
        var set = try trusted(upTo: .snapshot)
        try repository.publishNext("targets")
        await expectTrustError(.trustMixAndMatch) {
            try set.updateTargets(try file("2.targets.json"), for: .topLevel)
        }
    }

    @Test mutating func refusesExpiredTargets() async throws {
        repository.expiries["targets"] = now
        try repository.publish("targets")
        var set = try trusted(upTo: .snapshot)
        await expectTrustError(.trustExpired) {
            try set.updateTargets(try file("1.targets.json"), for: .topLevel)
        }
        #expect(set.targets(for: .topLevel) == nil)
    }

    @Test func refusesARoleThatTheSnapshotDoesNotList() async throws {
        var set = try trusted(upTo: .targets)
        await expectTrustError(.trustMixAndMatch) {
            try set.updateTargets([], for: .init(role: "plugin", delegator: "targets"))
        }
    }

    @Test mutating func refusesARoleThatNobodyDelegatesTo() async throws {
        repository.signers["plugin"] = repository.signers["targets"]
        try repository.publish("plugin", "snapshot")
        var set = try trusted(upTo: .targets)
        await expectTrustError(.trustMalformed) {
            try set.updateTargets(
                try file("1.plugin.json"), for: .init(role: "plugin", delegator: "targets"))
        }
    }

    // MARK: Format

    struct Wrong: Sendable, CustomTestStringConvertible {
        let member: String
        let value: JSONValue?
        var code = FailureCode.trustMalformed
        var testDescription: String { "\(member): \(String(describing: value))" }
    }

    @Test(arguments: [
        Wrong(member: "_type", value: nil), Wrong(member: "_type", value: 1),
        Wrong(member: "_type", value: "root", code: .trustMixAndMatch),
        Wrong(member: "version", value: nil), Wrong(member: "version", value: 0),
        Wrong(member: "version", value: -1), Wrong(member: "version", value: "1"),
        Wrong(member: "version", value: .number(1.5)), Wrong(member: "expires", value: nil),
        Wrong(member: "expires", value: "tomorrow"), Wrong(member: "expires", value: 1),
        Wrong(member: "spec_version", value: nil), Wrong(member: "spec_version", value: "2.0.0"),
        Wrong(member: "spec_version", value: "1"), Wrong(member: "spec_version", value: "1.x.0"),
        Wrong(member: "meta", value: nil), Wrong(member: "meta", value: []),
        Wrong(member: "meta", value: [:]),
        Wrong(member: "meta", value: ["snapshot.json": ["version": 0]]),
        Wrong(member: "meta", value: ["snapshot.json": ["version": 1, "length": -1]]),
        Wrong(member: "meta", value: ["snapshot.json": ["version": 1, "hashes": [:]]]),
        Wrong(
            member: "meta", value: ["snapshot.json": ["version": 1, "hashes": ["sha256": "ab"]]]),
    ])
    mutating func refusesMalformedTimestamps(_ wrong: Wrong) async throws {
        var members = try #require(
            Timestamp(version: 1, expires: now + day, snapshot: FileDescription(version: 1))
                .json.object)
        members[wrong.member] = wrong.value
        var set = try trusted()
        // A number with a fraction has no canonical form and cannot even be signed.
        guard
            let bytes = try? signedFile(.object(members), by: repository.signers["timestamp"] ?? [])
        else { return }
        await expectTrustError(wrong.code) { _ = try set.updateTimestamp(bytes) }
    }

    @Test(arguments: ["root", "timestamp", "snapshot", "targets", "", "2.root", "0017.root"])
    func refusesDelegationsToReservedNames(_ name: String) throws {
        let role: JSONValue = [
            "name": .string(name), "keyids": [], "threshold": 1, "paths": ["*"],
            "terminating": false,
        ]
        #expect(throws: JSONError(.invalidValue, location: "in roles[0].name")) {
            try Delegations(JSONReader(["keys": [:], "roles": [role]]))
        }
    }

    struct Shape: Sendable {
        let json: JSONValue
        let error: JSONError
    }

    @Test(arguments: [
        Shape(
            json: ["name": "a", "keyids": [], "threshold": 0, "paths": []],
            error: JSONError(.invalidValue, location: "in threshold")),
        Shape(
            json: ["name": "a", "keyids": [], "threshold": 1],
            error: JSONError(.invalidValue, location: "at the top")),
        Shape(
            json: [
                "name": "a", "keyids": [], "threshold": 1, "paths": [], "path_hash_prefixes": [],
            ], error: JSONError(.invalidValue, location: "at the top")),
        Shape(
            json: ["name": "a", "keyids": [1], "threshold": 1, "paths": []],
            error: JSONError(.wrongType, location: "in keyids[0]")),
        Shape(
            json: ["keyids": [], "threshold": 1, "paths": []],
            error: JSONError(.missingMember, location: "in name")),
    ])
    func refusesMalformedDelegations(_ shape: Shape) {
        #expect(throws: shape.error) { try DelegatedRole(JSONReader(shape.json)) }
    }

    @Test func refusesTwoDelegationsToOneName() {
        let role: JSONValue = ["name": "a", "keyids": [], "threshold": 1, "paths": ["*"]]
        #expect(throws: JSONError(.duplicateMember, location: "in roles[1]")) {
            try Delegations(JSONReader(["keys": [:], "roles": [role, role]]))
        }
    }
}
