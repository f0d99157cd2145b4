import Cryptography
import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Tarball

/// An archive that looks odd and must be accepted.
struct AcceptedCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Of the files besides package.json.
    let paths: [String]
    let tarball: @Sendable () -> [UInt8]

    init(
        _ name: String, _ paths: [String], _ tarball: @escaping @autoclosure @Sendable () -> [UInt8]
    ) {
        testDescription = name
        self.paths = paths
        self.tarball = tarball
    }

    private static func oneFile(_ name: String, _ path: String) -> AcceptedCase {
        AcceptedCase(name, [path], Sample.tarball(Tar.file("package/" + path)))
    }

    private static func member(_ name: String, _ flags: UInt8, _ fields: [UInt8]) -> AcceptedCase {
        AcceptedCase(
            name, [],
            {
                var member = Gzip(Sample.tar())
                member.flags = flags
                member.headerFields = fields
                return member.bytes
            }())
    }

    private static let component255 = String(repeating: "a", count: 255)
    private static let path1024 = String(
        decoding: HostileCase.longPath(bytes: 1_024), as: UTF8.self)

    static let all: [AcceptedCase] = [
        oneFile("UTF-8 in ustar", "locale/日本語-é.json"),
        oneFile("NFD in ustar", "cafe\u{301}.js"),
        oneFile("emoji with joiner", "👩\u{200D}💻.txt"),
        oneFile("32 components", String(repeating: "d/", count: 30) + "f"),
        oneFile("spaces, brackets, stars", "pages/[...slug] *?.js"),
        oneFile("dot file", ".npmignore"),
        oneFile("device name with more", "console.js"),
        oneFile("device name as an extension", "a.con"),
        oneFile("letters of .pkg", ".pkgs/a"),
        oneFile("percent signs", "%2e%2e/a"),
        AcceptedCase(
            "UTF-8 in pax", ["locale/日本語.json"],
            Sample.tarball(
                Tar.pax(["path": "package/locale/日本語.json"]), Tar.file("package/locale/?"))),
        AcceptedCase(
            "NFD in pax", ["cafe\u{301}.js"],
            Sample.tarball(Tar.pax(["path": "package/cafe\u{301}.js"]), Tar.file("package/x"))),
        AcceptedCase(
            "UTF-8 in pax, declared binary", ["é"],
            Sample.tarball(
                Tar.pax(["hdrcharset": "BINARY", "path": "package/é"]), Tar.file("package/x"))),
        AcceptedCase(
            "UTF-8 in a long name", [String(repeating: "é", count: 100)],
            Sample.tarball(
                Tar.longName(Array(("package/" + String(repeating: "é", count: 100)).utf8)),
                Tar.file("package/x"))),
        AcceptedCase(
            "component of 255 bytes", [component255],
            Sample.tarball(Tar.pax(["path": "package/" + component255]), Tar.file("package/x"))),
        AcceptedCase(
            "path of 1,024 bytes", [String(path1024.dropFirst(8))],
            Sample.tarball(Tar.pax(["path": path1024]), Tar.file("package/x"))),
        AcceptedCase(
            "ustar prefix", ["a/b"],
            Sample.tarball(Tar.entry("b") { $0.prefix = Array("package/a".utf8) })),
        AcceptedCase(
            "pax size that agrees", ["a"],
            Sample.tarball(Tar.pax(["size": "8"]), Tar.file("package/a"))),
        AcceptedCase(
            "pax times, owners, comments", ["a"],
            Sample.tarball(
                Tar.pax([
                    "mtime": "1712345678.123456789", "atime": "1.5", "ctime": "-1",
                    "uid": "4000000",
                    "uname": "müller", "comment": "made by a test", "NODETAR.depth": "3",
                ]), Tar.file("package/a"))),
        AcceptedCase(
            "extended attributes and ACLs", ["a"],
            Sample.tarball(
                Tar.pax([
                    "SCHILY.xattr.user.evil": "x", "LIBARCHIVE.xattr.user.evil": "eA==",
                    "SCHILY.acl.access": "user::rwx,group::r-x,other::r-x",
                ]), Tar.file("package/a"))),
        AcceptedCase(
            "huge uid in base 256", ["a"],
            Sample.tarball(
                Tar.entry("package/a") { $0.uid = [0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF] })),
        AcceptedCase(
            "old type flag of files", ["a"],
            Sample.tarball(Tar.entry("package/a") { $0.type = 0 })),
        AcceptedCase(
            "folders, also after what is in them", ["lib/a"],
            Sample.tarball(
                Tar.folder("package/"), Tar.file("package/lib/a"), Tar.folder("package/lib/"),
                Tar.folder("package/empty"))),
        AcceptedCase(
            "blocks of zeros to a full record", [],
            Gzip(Tar.archive([Sample.packageJSON], endBlocks: 18)).bytes),
        AcceptedCase(
            "other name for the top folder", [],
            Gzip(Tar.archive([Tar.file("plugin-x-1.0.0/package.json", Sample.manifest)])).bytes),
        AcceptedCase(
            "package.json with a byte order mark", [],
            Gzip(Tar.archive([Tar.file("package/package.json", "\u{FEFF}" + Sample.manifest)]))
                .bytes),
        AcceptedCase(
            "package.json of 1 MiB", [],
            Gzip(
                Tar.archive([
                    Tar.file(
                        "package/package.json",
                        Sample.manifest
                            + String(repeating: " ", count: (1 << 20) - Sample.manifest.utf8.count))
                ])
            ).bytes),
        member("gzip with an extra field", 4, [3, 0, 1, 2, 3]),
        member("gzip with a name", 8, Array("plugin.tar\u{0}".utf8)),
        member("gzip with a comment", 16, Array("by a test\u{0}".utf8)),
        member("gzip with the text flag", 1, []),
        member(
            "gzip with everything and a right header CRC", 0x1F,
            {
                let fields: [UInt8] = [1, 0, 9] + Array("n\u{0}c\u{0}".utf8)
                let crc = crc32([0x1F, 0x8B, 8, 0x1F, 0, 0, 0, 0, 0, 3] + fields)
                return fields + Gzip.littleEndian(UInt16(truncatingIfNeeded: crc))
            }()),
    ]
}

@Suite struct AcceptedArchiveTests {
    @Test(arguments: AcceptedCase.all, InflateLibrary.allCases)
    func accepts(_ accepted: AcceptedCase, _ library: InflateLibrary) async throws {
        try await Sandbox.with { sandbox in
            let bytes = accepted.tarball()
            let files = try sandbox.unpack(bytes, library: library)
            // Byte by byte: Strings would take NFC for NFD.
            #expect(
                Set(files.map { Array($0.path.utf8) })
                    == Set((accepted.paths + ["package.json"]).map { Array($0.utf8) }))
            for file in files {
                #expect(sandbox.state(of: file.path) == UnpackedState(file))
            }
            let contents = try sandbox.verified(bytes).inspect(limits: .maxima, library: library)
            #expect(contents.fileCount == files.count)
            #expect(contents.unpackedSize == files.reduce(0) { $0 + $1.size })
            #expect(contents.identity == Sample.identity)
        }
    }

    @Test(arguments: AcceptedCase.all)
    func acceptsOnSystemsWithoutAUTF8Locale(_ accepted: AcceptedCase) async throws {
        try await Sandbox.with { sandbox in
            let bytes = accepted.tarball()
            try sandbox.write(bytes, to: "tarball.tgz")
            let file = try FileDescriptor.open(sandbox.root.appending("tarball.tgz"), .readOnly)
            defer { try? file.close() }
            let paths = RecordedPaths()
            _ = try PackageReader.read(
                CompressedInput(file, length: Int64(bytes.count)), limits: .maxima, library: .best,
                locale: UTF8Locale(named: []), into: paths)
            #expect(paths.paths == Set((accepted.paths + ["package.json"]).map { Array($0.utf8) }))
        }
    }

    /// A mode in the archive and the one on disk.
    struct ModeCase: Sendable {
        let stated: String
        let onDisk: UInt16
    }

    @Test(arguments: [
        ModeCase(stated: "0000644", onDisk: 0o644), ModeCase(stated: "0000755", onDisk: 0o755),
        ModeCase(stated: "0000000", onDisk: 0o644), ModeCase(stated: "0006755", onDisk: 0o755),
        ModeCase(stated: "0004644", onDisk: 0o644), ModeCase(stated: "0001777", onDisk: 0o755),
        ModeCase(stated: "0000666", onDisk: 0o644), ModeCase(stated: "0000100", onDisk: 0o755),
        ModeCase(stated: "0000011", onDisk: 0o644),
    ])
    func normalizesModes(_ mode: ModeCase) async throws {
        try await Sandbox.with { sandbox in
            _ = try sandbox.unpack(
                Sample.tarball(Tar.entry("package/lib/a") { $0.mode = mode.stated }))
            #expect(sandbox.mode(of: "lib/a") == mode.onDisk)
            #expect(sandbox.mode(of: "lib") == 0o755)
        }
    }

    /// A time in the archive and the one on disk, in seconds.
    struct TimeCase: Sendable {
        let entry: [UInt8]
        let onDisk: Int64
    }

    @Test(arguments: [
        TimeCase(entry: Tar.file("package/a"), onDisk: 0o7704103250),
        TimeCase(
            entry: Tar.pax(["mtime": "499162500.75"]) + Tar.file("package/a"), onDisk: 499_162_500),
        TimeCase(entry: Tar.pax(["mtime": "-86400"]) + Tar.file("package/a"), onDisk: 0),
        TimeCase(
            entry: Tar.pax(["mtime": "99999999999"]) + Tar.file("package/a"),
            onDisk: 2_147_483_647),
    ])
    func keepsTimesWithinBounds(_ time: TimeCase) async throws {
        try await Sandbox.with { sandbox in
            let files = try sandbox.unpack(Sample.tarball(time.entry))
            #expect(files.last?.modificationTime == time.onDisk * 1_000_000_000)
            #expect(sandbox.state(of: "a")?.modificationTime == time.onDisk * 1_000_000_000)
        }
    }

    @Test func meetsSignedNumbers() async throws {
        try await Sandbox.with { sandbox in
            let size = Int64(Sample.manifest.utf8.count) + 8
            let files = try sandbox.unpack(
                Sample.tarball(Tar.file("package/a")),
                limits: .signed(unpackedSize: size, fileCount: 2))
            #expect(files.count == 2)
        }
    }
}

/// Remembers the paths of files, byte by byte.
private final class RecordedPaths: EntryDestination {
    private(set) var paths: Set<[UInt8]> = []

    func makeFolder(_ path: String) {}

    func receive(_ file: PackageFile, _ content: borrowing EntryContent) throws(TarballError) {
        paths.insert(Array(file.path.utf8))
        while try content.nextBlock() != nil {}
    }
}

/// What a file is like on disk, and what a receipt will say.
struct UnpackedState: Equatable {
    let size: Int64
    let modificationTime: Int64
    let sha512: Digest

    init(_ file: UnpackedFile) {
        size = file.size
        modificationTime = file.modificationTime
        sha512 = file.sha512
    }

    init(_ status: stat, _ content: [UInt8]) {
        size = Int64(status.st_size)
        modificationTime =
            Int64(status.st_mtim.tv_sec) * 1_000_000_000
            + Int64(status.st_mtim.tv_nsec)
        sha512 = .of(.sha512, content)
    }
}

extension Sandbox {
    /// The file at a path of the staging folder, or nil when there is none.
    func state(of path: String) -> UnpackedState? {
        guard let status = status(of: path), status.st_mode & S_IFMT == S_IFREG,
            let content = try? read("staging/" + path)
        else { return nil }
        return UnpackedState(status, content)
    }

    /// The permissions of what lies at a path of the staging folder.
    func mode(of path: String) -> UInt16? {
        status(of: path).map { UInt16($0.st_mode & 0o7777) }
    }

    private func status(of path: String) -> stat? {
        var status = stat()
        return lstat(staging.string + "/" + path, &status) == 0 ? status : nil
    }

    /// The content of a file of the sandbox.
    func read(_ name: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(root.appending(name), .readOnly)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return bytes }
                bytes += buffer[..<count]
            }
        }
    }
}
