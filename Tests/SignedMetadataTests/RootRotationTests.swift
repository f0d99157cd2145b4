import Cryptography
import Diagnostics
import FoundationEssentials
import Testing

@testable import SignedMetadata

/// Chains of roots, and who must have signed each (section 5.3.4).
struct RootRotationTests {
    struct Version: Sendable {
        let keys: [Int]
        let threshold: Int
        let signers: [Int]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let versions: [Version]
        /// Why the last one is refused, or nil.
        var refused: FailureCode?
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(
            name: "one key for another",
            versions: [
                Version(keys: [1], threshold: 1, signers: [1]),
                Version(keys: [2], threshold: 1, signers: [2, 1]),
                Version(keys: [2], threshold: 1, signers: [2]),
            ]),
        Case(
            name: "signatures of strangers do no harm",
            versions: [
                Version(keys: [1], threshold: 1, signers: [3, 1, 4]),
                Version(keys: [2], threshold: 1, signers: [3, 2, 1, 4]),
            ]),
        Case(
            name: "3 of 5, different ones each time",
            versions: [
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 2, 4]),
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 4, 1]),
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 1, 3]),
            ]),
        Case(
            name: "3 of 5, one replaced",
            versions: [
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 2, 4]),
                Version(keys: [0, 1, 3, 4, 5], threshold: 3, signers: [0, 4, 1]),
            ]),
        Case(
            name: "3 of 5, all replaced",
            versions: [
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 2, 4]),
                Version(keys: [5, 6, 7, 8, 9], threshold: 3, signers: [0, 2, 4, 5, 6, 7]),
                Version(keys: [5, 6, 7, 8, 9], threshold: 3, signers: [5, 6, 7]),
            ]),
        Case(
            name: "threshold raised",
            versions: [
                Version(keys: [1, 2, 3], threshold: 1, signers: [1]),
                Version(keys: [1, 2, 3], threshold: 2, signers: [1, 2]),
            ]),
        Case(
            name: "threshold lowered",
            versions: [
                Version(keys: [1, 2, 3], threshold: 2, signers: [1, 2]),
                Version(keys: [1, 2, 3], threshold: 1, signers: [1, 2]),
                Version(keys: [1, 2, 3], threshold: 1, signers: [1]),
            ]),
        Case(
            name: "not signed by the old key",
            versions: [
                Version(keys: [1], threshold: 1, signers: [1]),
                Version(keys: [2], threshold: 1, signers: [2, 3, 4]),
            ], refused: .trustUnsigned),
        Case(
            name: "not signed by the new key",
            versions: [
                Version(keys: [1], threshold: 1, signers: [1]),
                Version(keys: [2], threshold: 1, signers: [1, 3, 4]),
            ], refused: .trustUnsigned),
        Case(
            name: "too few new keys",
            versions: [
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 2, 4]),
                Version(keys: [0, 1, 3, 4, 5], threshold: 3, signers: [0, 2, 4]),
            ], refused: .trustThreshold),
        Case(
            name: "too few old keys",
            versions: [
                Version(keys: [0, 1, 2, 3, 4], threshold: 3, signers: [0, 2, 4]),
                Version(keys: [0, 1, 3, 4, 5], threshold: 3, signers: [0, 4, 5]),
            ], refused: .trustThreshold),
        Case(
            name: "raised threshold not reached",
            versions: [
                Version(keys: [1, 2, 3], threshold: 1, signers: [1]),
                Version(keys: [1, 2, 3], threshold: 2, signers: [2]),
            ], refused: .trustThreshold),
        Case(
            name: "lowered threshold: the old one counts",
            versions: [
                Version(keys: [1, 2, 3], threshold: 2, signers: [1, 2]),
                Version(keys: [1, 2, 3], threshold: 1, signers: [1]),
            ], refused: .trustThreshold),
    ])
    func follows(_ example: Case) async throws {
        let keys = try (0..<10).map { _ in try PrivateKey.generate(.ed25519) }
        var repository = try TestRepository()
        repository.files = repository.files.filter { !$0.key.hasSuffix("root.json") }
        repository.versions["root"] = 0
        for version in example.versions {
            repository.listedKeys[.root] = version.keys.map { keys[$0] }
            repository.thresholds[.root] = version.threshold
            repository.signers["root"] = version.signers.map { keys[$0] }
            try repository.publishNext("root")
        }
        let machine = try TestMachine(repository)
        if let code = example.refused {
            await expectTrustError(code) { try await machine.refresh(repository) }
        } else {
            try await machine.refresh(repository)
        }
        let last = Int64(example.versions.count) - (example.refused == nil ? 0 : 1)
        #expect(
            machine.store.load("root") == (last == 1 ? nil : repository.files["\(last).root.json"]))
    }

    @Test func followsSoManyAndNoMore() async throws {
        var repository = try TestRepository()
        for _ in 0..<10 { try repository.publishNext("root") }
        let machine = try TestMachine(repository)
        var limits = MetadataLimits()
        limits.rootRotations = 4
        let client = try machine.client(limits: limits)
        try await client.refresh()
        #expect(await client.trusted.root.version == 5)
        // The next run goes on from there, without asking for what it has.
        machine.transport.serve(repository.files)
        try await machine.client(limits: limits).refresh()
        #expect(try machine.version("root") == 9)
        #expect(machine.transport.requests.first == "6.root.json")
    }
}
