import Diagnostics
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Tarball

@Suite struct ArchiveWriterTests {
    /// Short, long for ustar, not ASCII; empty, one byte over a block.
    static let entries: [(path: String, content: [UInt8])] = [
        ("bundle/index.json", Array("{}".utf8)),
        ("bundle/empty", []),
        ("bundle/\(String(repeating: "long-name-", count: 20))", Array("long".utf8)),
        ("bundle/größe.txt", [UInt8](repeating: 0x61, count: (128 << 10) + 1)),
    ]

    /// What Python's tarfile, which shares no code with libarchive, reads back.
    @Test(arguments: [ArchiveWriter.Compression.none, .gzip])
    func othersReadWhatIsWritten(_ compression: ArchiveWriter.Compression) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending("archive")
            try Self.write(file, compression)
            let listing = try await Python.run(
                """
                import tarfile
                with tarfile.open("\(file)", "r:\(compression == .gzip ? "gz" : "")") as archive:
                    for entry in archive:
                        size = len(archive.extractfile(entry).read())
                        print(entry.name, size, oct(entry.mode), entry.mtime, entry.uid)
                """)
            let expected = Self.entries.map {
                "\($0.path) \($0.content.count) 0o600 1700000000 0\n"
            }
            #expect(listing == expected.joined())
        }
    }

    @Test(arguments: [ArchiveWriter.Compression.none, .gzip])
    func theSameEntriesGiveTheSameBytes(_ compression: ArchiveWriter.Compression) async throws {
        try await withTemporaryFolder { folder in
            let (first, second) = (folder.appending("1"), folder.appending("2"))
            try Self.write(first, compression)
            try Self.write(second, compression)
            #expect(try Self.bytes(first) == Self.bytes(second))
            let time = try Self.bytes(first)[4..<8]
            #expect(compression == .none || time.allSatisfy { $0 == 0 })
        }
    }

    @Test func aFileThatBecameShorterIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let output = try Self.create(folder.appending("archive"))
            let content = try Self.create(folder.appending("content"))
            _ = try content.writeAll([1, 2, 3])
            let writer = try ArchiveWriter(output)
            do throws(TarballError) {
                try writer.add("content", from: content, size: 4)
                Issue.record("four bytes were read of three")
            } catch {
                #expect(error.code == .diskIO)
            }
        }
    }

    @Test func aFullDiskIsNamed() async throws {
        let full = try FileDescriptor.open("/dev/full", .writeOnly)
        defer { try? full.close() }
        let writer = try ArchiveWriter(full)
        do throws(TarballError) {
            try writer.add("content", [UInt8](repeating: 0, count: 1 << 20))
            try writer.finish()
            Issue.record("a full disk took it")
        } catch {
            #expect(error.code == .diskFull)
        }
    }

    private static func write(
        _ file: FilePath, _ compression: ArchiveWriter.Compression
    ) throws {
        let output = try create(file)
        defer { try? output.close() }
        let content = try create(file.removingLastComponent().appending("\(getpid())-content"))
        defer { try? content.close() }
        let writer = try ArchiveWriter(output, compression: compression)
        for (index, entry) in entries.enumerated() {
            if index.isMultiple(of: 2) {
                try writer.add(entry.path, entry.content, modificationSeconds: 1_700_000_000)
            } else {
                try content.resize(to: 0)
                _ = try content.writeAll(toAbsoluteOffset: 0, entry.content)
                try writer.add(
                    entry.path, from: content, size: Int64(entry.content.count),
                    modificationSeconds: 1_700_000_000)
            }
        }
        try writer.finish()
    }

    private static func create(_ file: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(
            file, .readWrite, options: [.create, .truncate], permissions: .ownerReadWrite)
    }

    private static func bytes(_ file: FilePath) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(filePath: file.string)))
    }
}
