import Diagnostics
import Fetcher
import Glibc
import TestSupport
import Testing

@Suite struct StorageLockTests {
    @Test func aSecondOwnerIsRefusedByNameAfterItsPatience() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try await StorageLock.hold(storage) {
                let error = await #expect(throws: DiskError.self) {
                    try await StorageLock.hold(storage, patience: .zero) {}
                }
                #expect(error?.code == .lockHeld)
                #expect(error?.message.contains("\(getpid())") == true)
            }
        }
    }

    @Test func severalMayLookAtOnceButNotBesideAnOwner() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            // Nobody ever owned it: nothing to wait for, and nothing is left behind.
            #expect(try await StorageLock.share(storage, patience: .zero) { 1 } == 1)
            #expect(try Disk.status(storage.plugins) == nil)
            try await StorageLock.hold(storage) {
                let error = await #expect(throws: DiskError.self) {
                    try await StorageLock.share(storage, patience: .zero) {}
                }
                #expect(error?.code == .lockHeld)
            }
            let status = try Disk.status(storage.lock)
            let value = try await StorageLock.share(storage, patience: .zero) {
                let error = await #expect(throws: DiskError.self) {
                    try await StorageLock.hold(storage, patience: .zero) {}
                }
                #expect(error?.code == .lockHeld)
                return try await StorageLock.share(storage, patience: .zero) { 2 }
            }
            #expect(value == 2)
            #expect(try Disk.status(storage.lock) == status)
        }
    }

    @Test func isFreeAgainAfterItsOwnerFailed() async throws {
        struct Stop: Error {}
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            await #expect(throws: Stop.self) {
                try await StorageLock.hold(storage) { throw Stop() }
            }
            let value = try await StorageLock.hold(storage, patience: .zero) { 7 }
            #expect(value == 7)
        }
    }

    /// Somebody deletes `.pkg` while the lock is held: the next owner locks the new file.
    @Test func aDeletedFolderMeansANewFile() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try await StorageLock.hold(storage) {
                try Disk.remove(storage.own)
                let value = try await StorageLock.hold(storage, patience: .zero) { 7 }
                #expect(value == 7)
            }
        }
    }

    /// Whoever waits for one that only looks is not told of an owner that is gone.
    @Test func nobodyIsNamedOnceTheOwnerHasEnded() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            try await StorageLock.hold(storage) {
                let written = try Disk.read(storage.lock)
                #expect(written == Array("\(getpid())\n".utf8))
            }
            #expect(try Disk.read(storage.lock) == [])
        }
    }

    /// The folder is deleted while somebody waits to look: who has made it anew is waited for too.
    @Test func whoLooksWaitsForTheOwnerOfANewFile() async throws {
        try await withTemporaryFolder { folder in
            let storage = StorageFolder(folder)
            let (waits, tellWaiting) = AsyncStream<Void>.makeStream()
            let (held, tellHeld) = AsyncStream<Void>.makeStream()
            let (ends, tellEnd) = AsyncStream<Void>.makeStream()
            let (looks, owns) = try await StorageLock.hold(storage) {
                let looks = Task {
                    try await StorageLock.share(
                        storage, patience: .seconds(1), waiting: { _ in tellWaiting.yield() }
                    ) {}
                }
                for await _ in waits { break }
                try Disk.remove(storage.own)
                let owns = Task {
                    try await StorageLock.hold(storage) {
                        tellHeld.yield()
                        for await _ in ends { break }
                    }
                }
                for await _ in held { break }
                return (looks, owns)
            }
            let error = await #expect(throws: DiskError.self) { try await looks.value }
            #expect(error?.code == .lockHeld)
            tellEnd.yield()
            try await owns.value
        }
    }
}
