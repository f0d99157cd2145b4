import CanonicalJSON
import Cryptography
import Diagnostics
import Testing

@testable import SignedMetadata

/// What earlier runs left, read without a network.
struct StoredMetadataTests {
    /// The repository after its targets key was rotated, and a machine that has seen it.
    private func rotated() async throws -> (TestRepository, TestMachine) {
        var repository = try TestRepository()
        repository.add("keys.json")
        try repository.publishNext("targets", "snapshot", "timestamp")
        let machine = try TestMachine(repository)
        try await machine.refresh(repository)
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.targets] = [key]
        repository.signers["targets"] = [key]
        try repository.publishNext("root", "targets", "snapshot", "timestamp")
        try await machine.refresh(repository)
        return (repository, machine)
    }

    @Test func followsTheRootsThatWereKeptAndReadsTheirTargets() async throws {
        let (_, machine) = try await rotated()
        let stored = try StoredMetadata(firstRoot: machine.firstRoot, store: machine.store)
        #expect(stored.root.version == 2)
        #expect(stored.target("keys.json") != nil)
        #expect(stored.target("other.json") == nil)
    }

    @Test(arguments: ["2.root", "targets"])
    func whatNoLongerVerifiesIsLeftAside(_ role: String) async throws {
        let (_, machine) = try await rotated()
        machine.store.save(role, Array("{}".utf8))
        let stored = try StoredMetadata(firstRoot: machine.firstRoot, store: machine.store)
        // Without the second root the new targets key is nobody's.
        #expect(stored.target("keys.json") == nil)
        #expect(stored.root.version == (role == "targets" ? 2 : 1))
    }

    /// A whole set of files that is signed, but by others.
    @Test func anotherRepositoryIsNotBelieved() async throws {
        let (_, machine) = try await rotated()
        let (_, other) = try await rotated()
        let stored = try StoredMetadata(firstRoot: machine.firstRoot, store: other.store)
        #expect(stored.root.version == 1)
        #expect(stored.target("keys.json") == nil)
        await expectTrustError(.trustMalformed) {
            _ = try StoredMetadata(firstRoot: [], store: machine.store)
        }
    }

    @Test func aRootThatFollowsIsKeptAndTheCachesGoFirst() async throws {
        var (repository, machine) = try await rotated()
        let key = try PrivateKey.generate(.ed25519)
        repository.listedKeys[.timestamp] = [key]
        repository.signers["timestamp"] = [key]
        try repository.publishNext("root", "timestamp")
        let third = try #require(repository.files["3.root.json"])
        var stored = try StoredMetadata(firstRoot: machine.firstRoot, store: machine.store)
        #expect(try stored.root(following: chain(third)).version == 3)
        #expect(try machine.version("root") == 2, "looking keeps nothing")
        try stored.keep(chain(third))
        #expect(stored.root.version == 3)
        #expect(try machine.versions().keys.sorted() == ["root", "targets"])
        #expect(
            try StoredMetadata(firstRoot: machine.firstRoot, store: machine.store).root.version
                == 3)
        // A later run with a network goes on from there.
        try await machine.refresh(repository)
        #expect(try machine.version("timestamp") == repository.versions["timestamp"])
    }

    @Test func aRootThatDoesNotFollowIsRefused() async throws {
        let (repository, machine) = try await rotated()
        var stored = try StoredMetadata(firstRoot: machine.firstRoot, store: machine.store)
        let before = machine.store.content
        let stranger = try #require(try TestRepository().files["1.root.json"])
        await expectTrustError(.trustUnsigned) { _ = try stored.root(following: chain(stranger)) }
        await expectTrustError(.trustUnsigned) { try stored.keep(chain(stranger)) }
        let same = try #require(repository.files["2.root.json"])
        await expectTrustError(.trustRollback) { try stored.keep(chain(same)) }
        #expect(machine.store.content == before)
    }
}

/// A chain of one root.
private func chain(_ bytes: [UInt8]) throws -> RootChain {
    RootChain(try parseJSON(bytes))
}
