import Diagnostics
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Storage

struct FileTests {
    @Test func replacesAFileWhole() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("file")
            #expect(try readFile(path) == nil)
            try replaceFile(path, with: [1, 2, 3], permissions: [.ownerReadWrite])
            try replaceFile(path, with: [4], permissions: [.ownerReadWrite])
            #expect(try readFile(path) == [4])
            #expect(namesInFolder(folder) == ["file"])
        }
    }

    @Test func readsNoMoreThanAllowed() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("file")
            try replaceFile(path, with: [1, 2, 3], permissions: [.ownerReadWrite])
            #expect(try readFile(path, maximumLength: 3) == [1, 2, 3])
            let error = #expect(throws: StorageError.self) {
                try readFile(path, maximumLength: 2)
            }
            #expect(error?.code == .dataFolderUnusable)
        }
    }

    @Test func makesFoldersAboveToo() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("a/b/c")
            try makeFolder(path)
            try makeFolder(path)
            #expect(exists(path))
            try replaceFile(path.appending("file"), with: [], permissions: [.ownerReadWrite])
            #expect(throws: StorageError.self) { try makeFolder(path.appending("file/d")) }
        }
    }

    @Test func aLockIsHeldByOne() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("lock")
            let held = try FileLock(waitingFor: path)
            #expect(FileLock(ifFree: path) == nil)
            held.release()
            let next = FileLock(ifFree: path)
            #expect(next != nil)
            next?.release()
        }
    }

    @Test func anUnfinishedFolderIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let data = DataFolder(folder)
            let error = #expect(throws: StorageError.self) { try data.checkComplete() }
            #expect(error?.code == .dataFolderUnusable)
            for path in [data.settings, data.database] {
                try replaceFile(path, with: [], permissions: [.ownerReadWrite])
            }
            for path in [data.keys, data.metadata] { try makeFolder(path) }
            try data.checkComplete()
            try replaceFile(data.unfinishedMark, with: [], permissions: [.ownerReadWrite])
            #expect(throws: StorageError.self) { try data.checkComplete() }
        }
    }
}
