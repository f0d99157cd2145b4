import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Glibc
import SystemPackage
import Tarball

/// A file and a folder that inputs are written to.
struct Scratch: Sendable {
    static let shared = Scratch()

    private let folder: FilePath
    /// Open for good, and without a name.
    private let file: FileDescriptor?

    private init() {
        folder = Self.folder(of: getpid())
        let name = FilePath("\(folder)-tarball")
        file = try? FileDescriptor.open(
            name, .readWrite, options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite])
        try? FileManager.default.removeItem(atPath: name.string)
    }

    /// Where the files of a process are, in memory where that can be.
    static func folder(of process: pid_t) -> FilePath {
        let memory = "/dev/shm"
        let isThere = FileManager.default.fileExists(atPath: memory)
        return FilePath("\(isThere ? memory : "/tmp")/fuzz-\(process)")
    }

    /// Removes what a process left that crashed or was killed.
    static func removeLeft(by process: pid_t) {
        for path in ["\(folder(of: process))", "\(folder(of: process))-bundle"] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Runs `body` with a file that has an input as its content.
    func withFile<Value>(of input: [UInt8], _ body: (FilePath) throws -> Value) throws -> Value {
        let path = FilePath("\(folder)-bundle")
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite])
        defer {
            try? file.close()
            try? FileManager.default.removeItem(atPath: path.string)
        }
        try file.writeAll(input)
        return try body(path)
    }

    /// Reads a tarball under all rules; one that is accepted is unpacked too, and must be again.
    func inspect(_ tarball: [UInt8], unpacking: Bool) throws -> String {
        guard let file else { throw Violation("there is no file to write to") }
        try file.resize(to: 0)
        try file.writeAll(toAbsoluteOffset: 0, tarball)
        let archive = try VerifiedTarball(
            hashedWhileWritten: file, length: Int64(tarball.count))
        let contents: TarballContents
        do {
            contents = try archive.inspect(limits: .maxima)
        } catch {
            return error.code.name
        }
        _ = try parseJSON(contents.packageJSON)
        try Violation.unless(contents.fileCount > 0, "a package without a file is accepted")
        guard unpacking else { return "accepted" }
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let target = folder.appending("unpacked")
        try FileManager.default.createDirectory(
            atPath: target.string, withIntermediateDirectories: true)
        let descriptor = try FileDescriptor.open(target, .readOnly, options: .directory)
        defer { try? descriptor.close() }
        let files = try archive.unpack(
            into: descriptor,
            limits: .signed(unpackedSize: contents.unpackedSize, fileCount: contents.fileCount),
            expecting: contents.identity)
        try Violation.unless(files.count == contents.fileCount, "\(files.count) files are unpacked")
        let size = files.reduce(0) { $0 + $1.size }
        try Violation.unless(size == contents.unpackedSize, "\(size) bytes are unpacked")
        let beside = try FileManager.default.contentsOfDirectory(atPath: folder.string).count
        try Violation.unless(beside == 1, "something was written beside the folder")
        return "accepted"
    }
}
