import Diagnostics
import Glibc
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
            #expect(try namesInFolder(folder) == ["file"])
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
            for taken in ["file", "file/d", "file/d/e"] {
                let error = #expect(throws: StorageError.self) {
                    try makeFolder(path.appending(taken))
                }
                #expect(error?.code == .diskUnexpectedFile, "\(taken)")
            }
        }
    }

    /// The parent is missing, and the name is too long for the file system: that is what to know.
    @Test func aFolderThatCannotBeMadeHasTheCauseOfTheCallThatFailed() async throws {
        try await withTemporaryFolder { folder in
            let name = String(repeating: "x", count: 300)
            let error = #expect(throws: StorageError.self) {
                try makeFolder(folder.appending("missing").appending(name))
            }
            #expect(error?.cause as? Errno == .fileNameTooLong)
            #expect(error?.code == .diskIO)
        }
    }

    @Test func leavesNothingBesideAFileThatCannotBeReplaced() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("taken")
            try makeFolder(path.appending("by a folder"))
            let error = #expect(throws: StorageError.self) {
                try replaceFile(path, with: [1], permissions: [.ownerReadWrite])
            }
            #expect(error?.code == .diskUnexpectedFile)
            #expect(try namesInFolder(folder) == ["taken"])
        }
    }

    @Test func onlyAFolderThatIsNotThereHasNoNames() async throws {
        try await withTemporaryFolder { folder in
            #expect(try namesInFolder(folder.appending("nothing")) == [])
            let path = folder.appending("file")
            try replaceFile(path, with: [], permissions: [.ownerReadWrite])
            let error = #expect(throws: StorageError.self) { try namesInFolder(path) }
            #expect(error?.code == .diskUnexpectedFile)
            #expect(throws: StorageError.self) { try FileLock(ifFree: path.appending("lock")) }
        }
    }

    struct Length {
        let path: String
        let code: FailureCode
    }

    @Test(arguments: [
        Length(path: "nothing", code: .dataFolderUnusable),
        Length(path: "folder", code: .diskUnexpectedFile),
        Length(path: "file/below", code: .diskUnexpectedFile),
    ])
    func whatIsNoFileHasNoLength(_ given: Length) async throws {
        try await withTemporaryFolder { folder in
            try makeFolder(folder.appending("folder"))
            let file = folder.appending("file")
            try replaceFile(file, with: [1, 2], permissions: [.ownerReadWrite])
            #expect(try fileLength(file) == 2)
            let error = #expect(throws: StorageError.self) {
                try fileLength(folder.appending(given.path))
            }
            #expect(error?.code == given.code)
            #expect(error?.message.contains(given.path) == true)
        }
    }

    struct Problem {
        let errno: Int32
        let code: FailureCode
    }

    @Test(arguments: [
        Problem(errno: ENOSPC, code: .diskFull), Problem(errno: EDQUOT, code: .diskFull),
        Problem(errno: EROFS, code: .diskReadOnly),
        Problem(errno: EACCES, code: .diskPermission),
        Problem(errno: EPERM, code: .diskPermission),
        Problem(errno: EXDEV, code: .diskCrossDevice),
        Problem(errno: ENOTDIR, code: .diskUnexpectedFile),
        Problem(errno: EISDIR, code: .diskUnexpectedFile),
        Problem(errno: ELOOP, code: .diskUnexpectedFile),
        Problem(errno: EEXIST, code: .diskUnexpectedFile),
        Problem(errno: EIO, code: .diskIO), Problem(errno: EMFILE, code: .systemLimit),
        Problem(errno: ENOENT, code: .dataFolderUnusable),
        Problem(errno: EFBIG, code: .dataFolderUnusable),
    ])
    func aFailedCallHasItsCode(_ given: Problem) {
        let error = StorageError("x", because: Errno(rawValue: given.errno))
        #expect(error.code == given.code)
    }

    @Test func aLockIsHeldByOne() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("lock")
            #expect(throws: StorageError.self) { try FileLock(ifFree: path, .old) }
            let held = try FileLock(waitingFor: path)
            #expect(throws: StorageError.self) { try FileLock(ifFree: path, .new) }
            #expect(held.isStill(at: path))
            #expect(try FileLock(ifFree: path) == nil)
            held.release()
            let next = try FileLock(ifFree: path)
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
