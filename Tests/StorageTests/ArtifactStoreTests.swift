import Cryptography
import Diagnostics
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Storage

struct ArtifactStoreTests {
    private func store(in folder: FilePath) throws -> ArtifactStore {
        let store = ArtifactStore(root: folder.appending("artifacts"))
        try store.prepare()
        return store
    }

    @Test(arguments: [0, 1, 1 << 18, 1 << 18 + 1]) func keepsBytesByTheirDigest(
        _ count: Int
    ) async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            let bytes = [UInt8](repeating: 7, count: count)
            let source = folder.appending("source")
            try replaceFile(source, with: bytes, permissions: [.ownerReadWrite])
            let incoming = try store.receive(contentsOf: source)
            #expect(incoming.length == Int64(count))
            #expect(incoming.sha512 == Digest.of(.sha512, bytes))
            #expect(incoming.sha1 == Digest.of(.sha1, bytes))
            #expect(!store.contains(incoming.sha512))
            try store.keep(incoming)
            #expect(try readFile(store.path(of: incoming.sha512)) == bytes)
            #expect(try store.keep(bytes) == incoming.sha512)
        }
    }

    @Test func whatIsNotKeptIsGone() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            let source = folder.appending("source")
            try replaceFile(source, with: [1, 2, 3], permissions: [.ownerReadWrite])
            var incoming: IncomingArtifact? = try store.receive(contentsOf: source)
            #expect(incoming != nil)
            incoming = nil
            #expect(try namesInFolder(store.root.appending("incoming")).isEmpty)
            #expect(try namesInFolder(store.root.appending("sha512")).isEmpty)
        }
    }

    @Test func refusesAFileThatIsNotThere() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            #expect(throws: UsageError.self) {
                try store.receive(contentsOf: folder.appending("nothing"))
            }
        }
    }

    @Test func refusesMoreThanAllowed() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            let source = folder.appending("source")
            try replaceFile(source, with: [1, 2, 3], permissions: [.ownerReadWrite])
            #expect(throws: UsageError.self) {
                try store.receive(contentsOf: source, maximumLength: 2)
            }
            #expect(try namesInFolder(store.root.appending("incoming")).isEmpty)
        }
    }

    /// `/dev/full` has no room for whatever is written: write(2) says ENOSPC.
    @Test func aFullDiskIsCalledThat() async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: StorageError.self) {
                do {
                    let full = try FileDescriptor.open("/dev/full", .writeOnly)
                    _ = try full.closeAfter { try full.writeAll([1]) }
                } catch {
                    throw StorageError("\(folder) cannot be written.", because: error)
                }
            }
            #expect(error?.code == .diskFull)
            #expect(error?.remedy.contains(".pkg") == false)
        }
    }

    @Test func artifactsThatAreNotThereAreMissed() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            try store.check()
            #expect(rmdir(store.root.appending("sha512").string) == 0)
            let error = #expect(throws: StorageError.self) { try store.check() }
            #expect(error?.code == .dataFolderUnusable)
        }
    }

    /// A crashed program's remains go; what another one is just bringing stays.
    @Test func removesOnlyWhatNobodyHolds() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(in: folder)
            let incoming = store.root.appending("incoming")
            try replaceFile(
                incoming.appending("left"), with: [1], permissions: [.ownerReadWrite])
            let source = folder.appending("source")
            try replaceFile(source, with: [1, 2, 3], permissions: [.ownerReadWrite])
            let held = try store.receive(contentsOf: source)
            try store.removeLeftovers()
            #expect(try namesInFolder(incoming) == [held.path.lastComponent?.string])
            try store.keep(held)
            #expect(store.contains(held.sha512))
        }
    }
}
