import Cryptography
import Glibc
import SystemPackage
import TestSupport

@testable import Tarball

/// A folder with a tarball, an empty staging folder and things that must not be touched.
struct Sandbox {
    let root: FilePath

    /// What lies where, with everything that writing would change.
    struct Snapshot: Equatable {
        var nodes: [String: [Int]]
    }

    /// Runs a test in a fresh one.
    static func with<Value>(_ body: (Sandbox) async throws -> Value) async throws -> Value {
        try await withTemporaryFolder { root in
            let sandbox = Sandbox(root: root)
            for folder in ["outside", "staging"] {
                mkdir(root.appending(folder).string, 0o755)
            }
            try sandbox.write(Array("untouched".utf8), to: "outside/file")
            try sandbox.write(Array("untouched".utf8), to: "evil")
            return try await body(sandbox)
        }
    }

    var staging: FilePath { root.appending("staging") }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try FileDescriptor.open(
            root.appending(name), .writeOnly, options: [.create, .truncate],
            permissions: .ownerReadWrite)
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    /// The tarball with these bytes, verified by its own length and digest: as if they were signed.
    func verified(_ bytes: [UInt8]) throws -> VerifiedTarball {
        try write(bytes, to: "tarball.tgz")
        return try UnverifiedTarball(root.appending("tarball.tgz"))
            .verify(length: Int64(bytes.count), sha512: .of(.sha512, bytes))
    }

    func unpack(
        _ bytes: [UInt8], limits: ContentLimits = .maxima,
        expecting identity: PackageIdentity = Sample.identity, library: InflateLibrary = .best
    ) throws -> [UnpackedFile] {
        let tarball = try verified(bytes)
        let folder = try FileDescriptor.open(staging, .readOnly, options: .directory)
        defer { try? folder.close() }
        return try tarball.unpack(
            into: folder, limits: limits, expecting: identity, library: library)
    }

    /// Everything below the sandbox but the tarball.
    func snapshot() -> Snapshot {
        var nodes: [String: [Int]] = [:]
        func walk(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return }
            nodes[path] = [
                Int(status.st_mode), Int(status.st_size), Int(status.st_ino),
                Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec), Int(status.st_nlink),
            ]
            guard status.st_mode & S_IFMT == S_IFDIR, let stream = opendir(path) else { return }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != "." && name != ".." { walk(path + "/" + name) }
            }
        }
        walk(root.string)
        // The tarball itself is put there by the test, and the staging folder is written to.
        nodes[root.string] = []
        nodes[root.appending("tarball.tgz").string] = nil
        nodes[staging.string] = []
        return Snapshot(nodes: nodes)
    }
}

/// Runs a shell command.
///
/// - Returns: What it printed, or nil when it failed.
func shell(_ command: String) -> String? {
    guard let pipe = popen(command, "r") else { return nil }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = fread(&buffer, 1, buffer.count, pipe)
        guard count > 0 else { break }
        output += buffer[..<count]
    }
    return pclose(pipe) == 0 ? String(decoding: output, as: UTF8.self) : nil
}
