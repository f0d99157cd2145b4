import Cryptography
import Foundation
import Packages
import TestSupport
import Testing

@testable import Fetcher

/// Which set of plugins `pkg plugins rollback --all` goes back to.
@Suite struct GoodSetsTests {
    private func set(_ versions: [String: String]) throws -> PluginSet {
        PluginSet(
            try versions.map { name, version in
                Receipt(
                    name: try PackageName(name), version: try SemanticVersion(version),
                    tarball: .of(.sha512, Array("\(name)@\(version)".utf8)),
                    installed: Date(timeIntervalSince1970: 0), files: [])
            })
    }

    @Test func thereIsNothingBeforeTheFirstSet() throws {
        var sets = GoodSets()
        let first = try set(["a": "1.0.0"])
        #expect(sets.target(from: first) == nil)
        sets.note(from: try set([:]), to: first)
        #expect(sets.target(from: first) == nil)
    }

    @Test func theSetBeforeTheLastChangeIsTheTarget() throws {
        var sets = GoodSets()
        let all = try (1...3).map { try set(["a": "\($0).0.0"]) }
        sets.note(from: try set([:]), to: all[0])
        sets.note(from: all[0], to: all[1])
        sets.note(from: all[1], to: all[1])
        #expect(sets.target(from: all[1]) == all[0])
        sets.note(from: all[1], to: all[2])
        #expect(sets.target(from: all[2]) == all[1])
        sets.noteRollback(from: all[2], to: all[1])
        #expect(sets.target(from: all[1]) == all[2], "and forward again")
    }

    @Test func afterAPartialRunTheLastGoodSetIsTheTarget() throws {
        var sets = GoodSets()
        let good = try set(["a": "1.0.0", "b": "1.0.0"])
        sets.note(from: try set([:]), to: good)
        let partial = try set(["a": "2.0.0", "b": "1.0.0"])
        #expect(sets.target(from: partial) == good)
        // What the next good run takes the place of is still the last good set.
        let next = try set(["a": "2.0.0", "b": "2.0.0"])
        sets.note(from: partial, to: next)
        #expect(sets.target(from: next) == good)
    }

    /// The run that installed it was killed before it could note it, or has only adopted something.
    @Test func aSetThatWasNotNotedIsNotedByTheNextRun() throws {
        var sets = GoodSets()
        let all = try (1...3).map { try set(["a": "\($0).0.0"]) }
        sets.note(from: try set([:]), to: all[0])
        sets.note(from: all[1], to: all[1])
        #expect(sets.target(from: all[1]) == all[0])
        sets.note(from: all[1], to: all[2])
        #expect(sets.target(from: all[2]) == all[1], "what lies in previous/")
    }

    @Test func aRunThatEndsAtTheLastGoodSetNotesNothing() throws {
        var sets = GoodSets()
        let all = try (1...2).map { try set(["a": "\($0).0.0"]) }
        sets.note(from: try set([:]), to: all[0])
        sets.note(from: all[0], to: all[1])
        let kept = sets
        sets.note(from: try set(["a": "3.0.0"]), to: all[1])
        #expect(sets == kept)
    }

    @Test func aSetOfBeforeThisFileIsKept() throws {
        var sets = GoodSets()
        let (old, new) = (try set(["a": "1.0.0"]), try set(["a": "2.0.0"]))
        sets.note(from: old, to: new)
        #expect(sets.target(from: new) == old)
    }

    @Test(arguments: ["", "{", "[]", #"{"last": [{"name": "a"}]}"#])
    func aBrokenFileIsAsGoodAsNone(_ text: String) async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try Disk.makeFolder(storage.own)
            try Disk.writeAtomically(Array(text.utf8), to: storage.sets)
            #expect(try GoodSets(in: storage) == GoodSets())
        }
    }

    @Test func aFileIsReadBack() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try Disk.makeFolder(storage.own)
            var sets = GoodSets()
            sets.note(from: try set(["@acme/a": "1.0.0"]), to: try set(["@acme/a": "1.1.0-x.1"]))
            try sets.save(in: storage)
            #expect(try GoodSets(in: storage) == sets)
        }
    }
}
