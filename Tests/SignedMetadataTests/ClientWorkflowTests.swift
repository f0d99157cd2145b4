import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// Whole runs: what is asked for, what is kept, what stays when a step fails.
struct ClientWorkflowTests {
    private var repository: TestRepository
    private let machine: TestMachine

    init() throws {
        repository = try TestRepository()
        machine = try TestMachine(repository)
    }

    @Test func asksForEachFileOnce() async throws {
        try await machine.refresh(repository)
        #expect(
            machine.transport.requests == [
                "2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json",
            ])
        #expect(machine.store.load("timestamp") == repository.files["timestamp.json"])
        #expect(machine.store.load("snapshot") == repository.files["1.snapshot.json"])
        #expect(machine.store.load("targets") == repository.files["1.targets.json"])
    }

    @Test func asksForTwoFilesWhenNothingChanged() async throws {
        try await machine.refresh(repository)
        try await machine.refresh(repository)
        #expect(machine.transport.requests == ["2.root.json", "timestamp.json"])
    }

    @Test mutating func asksForWhatChanged() async throws {
        try await machine.refresh(repository)
        try repository.publishNext("snapshot", "timestamp")
        try await machine.refresh(repository)
        #expect(
            machine.transport.requests == ["2.root.json", "timestamp.json", "2.snapshot.json"])
    }

    @Test mutating func asksWithoutVersionsWhenSnapshotsAreNotConsistent() async throws {
        repository.consistentSnapshot = false
        repository.files = [:]
        repository.add("dir/file.txt")
        try repository.publish("root", "targets", "snapshot", "timestamp")
        let machine = try TestMachine(repository)
        let client = try await machine.refresh(repository)
        #expect(
            machine.transport.requests == [
                "2.root.json", "timestamp.json", "snapshot.json", "targets.json",
            ])
        let target = try #require(try await client.target("dir/file.txt"))
        #expect(await client.downloadPath(of: target) == "dir/file.txt")
    }

    @Test mutating func namesDownloadsByTheirHash() async throws {
        repository.add("dir/file.txt", "content")
        try repository.publish("targets")
        let client = try await machine.refresh(repository)
        let target = try #require(try await client.target("dir/file.txt"))
        let hash = Digest.of(.sha512, Array("content".utf8)).hex
        #expect(await client.downloadPath(of: target) == "dir/\(hash).file.txt")
        #expect(
            TargetDescription(path: "file", of: Array("content".utf8)).consistentPath
                == "\(hash).file")
        try target.check(Array("content".utf8))
        await expectTrustError(.trustLength) { try target.check([]) }
        await expectTrustError(.trustHash) { try target.check(Array("Content".utf8)) }
    }

    struct Failing: Sendable, CustomTestStringConvertible {
        let role: String
        let code: FailureCode
        /// What is kept once the role's second version was refused.
        let kept: [String: Int64]
        var testDescription: String { role }
    }

    private static let keptWhenRefused: [(role: String, kept: [String: Int64])] = [
        ("root", [:]),
        ("timestamp", ["root": 2]),
        ("snapshot", ["root": 2, "timestamp": 2]),
        ("targets", ["root": 2, "timestamp": 2, "snapshot": 2]),
    ]

    @Test(arguments: keptWhenRefused)
    func keepsWhatCameBeforeAnUnsignedFile(_ role: String, _ kept: [String: Int64]) async throws {
        var repository = repository
        repository.signers[role] = []
        try repository.publishNext("root", "targets", "snapshot", "timestamp")
        await expectTrustError(.trustUnsigned) { try await machine.refresh(repository) }
        #expect(try machine.versions() == kept)
    }

    @Test(arguments: keptWhenRefused.filter { $0.role != "timestamp" })
    func keepsWhatCameBeforeAVersionThatIsNotItsName(
        _ role: String, _ kept: [String: Int64]
    ) async throws {
        var repository = repository
        try repository.publishNext("root", "targets", "snapshot", "timestamp")
        repository.versions[role] = 3
        var other = repository
        try other.publish(role)
        repository.files["2.\(role).json"] = other.files["3.\(role).json"]
        let code: FailureCode = role == "root" ? .trustRollback : .trustMixAndMatch
        await expectTrustError(code) { try await machine.refresh(repository) }
        #expect(try machine.versions() == kept)
    }

    @Test(
        arguments: [
            ("timestamp", ["root": 2, "timestamp": 1, "snapshot": 1, "targets": 1]),
            ("snapshot", ["root": 2, "timestamp": 2, "snapshot": 1, "targets": 1]),
            ("targets", ["root": 2, "timestamp": 2, "snapshot": 2, "targets": 1]),
            ("root", ["root": 2, "timestamp": 1, "snapshot": 1, "targets": 1]),
        ] as [(String, [String: Int64])])
    func keepsTheOldOnesWhenANewOneHasExpired(
        _ role: String, _ kept: [String: Int64]
    ) async throws {
        var repository = repository
        try await machine.refresh(repository)
        repository.expiries[role] = now - day
        try repository.publishNext("root", "targets", "snapshot", "timestamp")
        await expectTrustError(.trustExpired) { try await machine.refresh(repository) }
        #expect(try machine.versions() == kept)
    }

    @Test(arguments: ["timestamp.json", "2.snapshot.json", "2.targets.json"])
    func saysWhichFileIsMissing(_ file: String) async throws {
        var repository = repository
        try await machine.refresh(repository)
        try repository.publishNext("targets", "snapshot", "timestamp")
        repository.files[file] = nil
        await expectTrustError(.trustMissing) { try await machine.refresh(repository) }
        #expect(machine.transport.requests.last == file)
    }

    @Test mutating func goesOnWithAnExpiredRootWhenThereIsANewerOne() async throws {
        repository.expiries["root"] = now + 7 * day
        try repository.publishNext("root")
        try await machine.refresh(repository)
        await expectTrustError(.trustExpired) {
            try await machine.refresh(repository, at: now + 8 * day)
        }
        repository.expiries["root"] = now + 21 * day
        try repository.publishNext("root")
        try await machine.refresh(repository, at: now + 18 * day)
        #expect(try machine.version("root") == 3)
    }

    @Test mutating func replacesAnExpiredTimestamp() async throws {
        repository.expiries["timestamp"] = now + 7 * day
        try repository.publishNext("timestamp")
        try await machine.refresh(repository)
        repository.expiries["timestamp"] = now + 21 * day
        try repository.publishNext("targets", "snapshot", "timestamp")
        try await machine.refresh(repository, at: now + 18 * day)
        #expect(
            try machine.versions()
                == ["root": nil, "timestamp": 3, "snapshot": 2, "targets": 2]
                .compactMapValues { $0 })
    }

    @Test mutating func noticesAFrozenTimestamp() async throws {
        repository.expiries["timestamp"] = now + day
        try repository.publish("timestamp")
        try await machine.refresh(repository)
        await expectTrustError(.trustExpired) {
            try await machine.refresh(repository, at: now + 2 * day)
        }
    }

    @Test mutating func noticesARollbackOfEachRole() async throws {
        for _ in 0..<3 { try repository.publishNext("targets", "snapshot", "timestamp") }
        try await machine.refresh(repository)
        let trusted = try machine.versions()
        for role in ["timestamp", "snapshot", "targets"] {
            var attacked = repository
            attacked.versions[role] = 2
            if role == "targets" {
                try attacked.publish("targets")
                try attacked.publishNext("snapshot", "timestamp")
            } else if role == "snapshot" {
                try attacked.publish("snapshot")
                try attacked.publishNext("timestamp")
            } else {
                try attacked.publish("timestamp")
            }
            let machine = try TestMachine(repository)
            try await machine.refresh(repository)
            await expectTrustError(.trustRollback) { try await machine.refresh(attacked) }
            #expect(try machine.version(role) == trusted[role])
        }
    }

    // MARK: 5.3.11

    @Test(arguments: [TopLevelRole.timestamp, .snapshot], ["timestamp", "snapshot", "targets"])
    func recoversFromFastForward(_ rotated: TopLevelRole, _ forwarded: String) async throws {
        var repository = repository
        repository.versions[forwarded] = 99_999
        try repository.publish("targets", "snapshot", "timestamp")
        try await machine.refresh(repository)
        #expect(try machine.version(forwarded) == 99_999)
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[rotated] = [key]
        repository.signers[rotated.rawValue] = [key]
        repository.versions[forwarded] = 1
        try repository.publishNext("root")
        try repository.publish("targets", "snapshot", "timestamp")
        try await machine.refresh(repository)
        #expect(try machine.version(forwarded) == 1)
    }

    @Test mutating func aKeyThatIsOnlyAddedForgetsNothing() async throws {
        try repository.publishNext("timestamp")
        try await machine.refresh(repository)
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.timestamp, default: []].append(key)
        try repository.publishNext("root")
        repository.versions["timestamp"] = 1
        try repository.publish("timestamp")
        await expectTrustError(.trustRollback) { try await machine.refresh(repository) }
    }

    @Test mutating func aRotationSeenBeforeForgetsNothing() async throws {
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.timestamp] = [key]
        repository.signers["timestamp"] = [key]
        try repository.publishNext("root", "timestamp")
        try await machine.refresh(repository)
        repository.versions["timestamp"] = 1
        try repository.publish("timestamp")
        await expectTrustError(.trustRollback) { try await machine.refresh(repository) }
        #expect(machine.transport.requests == ["3.root.json", "timestamp.json"])
    }

    @Test mutating func aRotationIsRememberedThoughTheRunStopsThere() async throws {
        repository.versions["timestamp"] = 99_999
        try repository.publish("timestamp")
        try await machine.refresh(repository)
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.timestamp] = [key]
        repository.signers["timestamp"] = [key]
        repository.expiries["root"] = now
        try repository.publishNext("root")
        await expectTrustError(.trustExpired) { try await machine.refresh(repository) }
        repository.expiries["root"] = nil
        repository.versions["timestamp"] = 1
        try repository.publishNext("root")
        try repository.publish("timestamp")
        try await machine.refresh(repository)
        #expect(try machine.version("timestamp") == 1)
    }

    // MARK: What was kept

    @Test mutating func oneClientRefreshesAgain() async throws {
        repository.add("old")
        try repository.publish("targets", "snapshot", "timestamp")
        let client = try await machine.refresh(repository)
        #expect(try await client.target("old") != nil)
        repository.targets = [:]
        repository.add("new")
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.targets] = [key]
        repository.signers["targets"] = [key]
        try repository.publishNext("root", "targets", "snapshot", "timestamp")
        machine.transport.serve(repository.files)
        try await client.refresh()
        #expect(try await client.target("old") == nil)
        #expect(try await client.target("new") != nil)
    }

    @Test(arguments: ["timestamp", "snapshot", "targets", "2.root"])
    func rebuildsWhatIsBroken(_ role: String) async throws {
        var repository = repository
        try repository.publishNext("root")
        try await machine.refresh(repository)
        let good = try #require(machine.store.load(role))
        for broken in [[], Array(good.dropLast(10)), Array("<html>".utf8)] {
            machine.store.save(role, broken)
            try await machine.refresh(repository)
            #expect(machine.store.load(role) == good)
        }
    }

    @Test func capsEveryLength() async throws {
        let endless = [UInt8](repeating: 0x20, count: 1_000_000)
        var limits = MetadataLimits()
        limits.snapshotLength = 100_000
        limits.targetsLength = 100_000
        for file in ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"] {
            let machine = try TestMachine(repository)
            var files = repository.files
            files[file] = (repository.files[file] ?? []) + endless
            machine.transport.serve(files)
            await expectTrustError(.trustLength) {
                try await machine.client(limits: limits).refresh()
            }
        }
    }
}
