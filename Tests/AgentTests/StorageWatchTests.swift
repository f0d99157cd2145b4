import Fetcher
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Agent

/// Replicas without Redis notice a change in the storage folder that they share.
@Suite struct StorageWatchTests {
    @Test func noticesEveryKindOfChangeAndNothingElse() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try Disk.makeFolder(storage.license.appending("tokens"))
            try Disk.makeFolder(storage.own)
            var watched = StorageWatch.Content(storage)
            func isNoticed() -> Bool {
                let present = StorageWatch.Content(storage)
                defer { watched = present }
                return present != watched
            }
            #expect(!isNoticed())
            let token = storage.license.appending("tokens/a.jwt")
            try Disk.writeAtomically(Array("one".utf8), to: token)
            #expect(isNoticed())
            #expect(!isNoticed())
            try Disk.writeAtomically(Array("two".utf8), to: token)
            #expect(isNoticed())
            try Disk.writeAtomically([], to: storage.report)
            #expect(isNoticed())
            try Disk.writeAtomically([], to: storage.license.appending("x.new"))
            #expect(!isNoticed())
            try Disk.remove(storage.license)
            #expect(isNoticed())
        }
    }

    @Test func aChangeMakesTheBoardReadAnew() async throws {
        try await withTemporaryFolder { folder in
            let clock = TestClock(until: TestClock.start + 20)
            let desk = TestDesk(clock)
            let board = LicenseBoard(desk, clock)
            _ = try await board.picture()
            let storage = StorageFolder(folder)
            try Disk.makeFolder(storage.license)
            var watched = StorageWatch.Content(storage)
            let watch = StorageWatch(storage, board, clock: clock)
            await watch.look(&watched)
            _ = try await board.picture()
            #expect(desk.state.withLock(\.pictures) == 1)
            try Disk.writeAtomically([1], to: storage.license.appending("license-key"))
            await watch.look(&watched)
            _ = try await board.picture()
            #expect(desk.state.withLock(\.pictures) == 2)
        }
    }
}
