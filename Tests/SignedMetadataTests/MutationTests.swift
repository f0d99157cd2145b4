import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import TestSupport
import Testing

@testable import SignedMetadata

/// Damage, truncation and nonsense: refused, and what was trusted stays.
struct MutationTests {
    private let repository: TestRepository
    private static let files = [
        "2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.plugin.json",
    ]

    init() throws {
        var repository = try TestRepository()
        try repository.delegate(to: "plugin", ["p/*"], isTerminating: true)
        repository.add("p/1", to: "plugin")
        try repository.publish("plugin", "targets", "snapshot", "timestamp")
        try repository.publishNext("root")
        self.repository = repository
    }

    private func run(_ files: [String: [UInt8]]) async throws -> TargetDescription? {
        let machine = try TestMachine(repository)
        machine.transport.serve(files)
        let client = try machine.client()
        try await client.refresh()
        return try await client.target("p/1")
    }

    /// What a flipped bit may do: nothing (white space), or end the update with a code of ours.
    private func expectRefusedOrHarmless(
        _ files: [String: [UInt8]], _ what: @autoclosure () -> String
    ) async throws {
        do {
            let target = try await run(files)
            let good = try await run(repository.files)
            #expect(target == good, "\(what())")
        } catch let error as TrustError {
            #expect(FailureCode.all.contains(error.code), "\(what())")
        }
    }

    @Test(arguments: files)
    func refusesEveryTruncation(_ file: String) async throws {
        let whole = try #require(repository.files[file])
        for count in 0..<whole.count {
            var files = repository.files
            files[file] = Array(whole.prefix(count))
            await expectTrustError(.trustMalformed) { _ = try await run(files) }
        }
    }

    /// One bit of every byte; compact JSON has no byte that may change.
    @Test(arguments: files)
    func refusesABitFlippedInAnyByte(_ file: String) async throws {
        let whole = try #require(repository.files[file])
        for position in whole.indices {
            var files = repository.files
            files[file]?[position] ^= 1 << UInt8(position % 8)
            do {
                _ = try await run(files)
                // Hexadecimal is read in both cases: `a` and `A` are the same signature.
                let byte = whole[position]
                #expect(
                    position % 8 == 5 && (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte),
                    "byte \(position) of \(file)")
            } catch let error as TrustError {
                #expect(FailureCode.all.contains(error.code))
            }
        }
    }

    @Test func survivesSeededDamage() async throws {
        var generator = SeededGenerator(seed: 2_026)
        for round in 0..<2_000 {
            let file = Self.files[round % Self.files.count]
            var files = repository.files
            files[file] = mutated(repository.files[file] ?? [], using: &generator)
            try await expectRefusedOrHarmless(files, "round \(round), \(file)")
        }
    }

    /// Signed nonsense: every key of the vendor in an attacker's hands still crashes nobody.
    @Test func survivesSignedNonsense() async throws {
        var generator = SeededGenerator(seed: 41)
        for round in 0..<1_500 {
            var repository = repository
            let role = ["timestamp", "snapshot", "targets", "plugin"][round % 4]
            let bytes = repository.files.first { $0.key.hasSuffix("\(role).json") }?.value ?? []
            let changed = mutated(bytes, using: &generator)
            guard let signed = try? parseJSON(changed)["signed"] else { continue }
            guard (try? repository.publish(role, signed)) != nil else { continue }
            do {
                _ = try await run(repository.files)
            } catch let error as TrustError {
                #expect(FailureCode.all.contains(error.code), "round \(round)")
            }
        }
    }
}
