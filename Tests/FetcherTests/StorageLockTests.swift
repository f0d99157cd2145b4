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
}
