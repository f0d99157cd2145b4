import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

extension FaultWorld {
    /// Runs `body` with a server of ours between the customers and the gateway.
    func withMiddle<Value>(_ body: (MiddleServer) async throws -> Value) async throws -> Value {
        let middle = try MiddleServer(before: try gateway.port)
        defer { middle.stop() }
        return try await body(middle)
    }
}

extension Customer {
    /// Starts `pkg` and does not wait for its end.
    func start(_ arguments: String..., errors: FilePath = "/dev/null") throws -> ChildProcess {
        try ChildProcess(
            Programs.pkg, arguments,
            environment: Programs.environment.merging(environment) { $1 }, errors: errors)
    }
}

/// The lines of a file; none when it is not there.
func lines(of file: FilePath) throws -> [Substring] {
    guard let text = try? String(contentsOfFile: file.string, encoding: .utf8) else { return [] }
    return text.split(separator: "\n")
}

/// Something that only root may do, on a machine that lets it.
enum Privileged {
    /// Whether file systems may be mounted here; tried where nobody else sees it.
    static func mayMount() async throws -> Bool {
        let tried = try await run(
            "/usr/bin/unshare", ["--mount", "/usr/bin/mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        return tried.status == 0
    }

    /// What runs a program that alone sees a file or folder in the place of another.
    static func seeing(_ content: FilePath, at place: FilePath) -> [String] {
        [
            "/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            "mount --bind '\(content)' \(place) && exec \"$@\"", "sh",
        ]
    }

    /// Mounts a small file system in memory while `body` runs.
    ///
    /// - Throws: what `body` throws; a failed expectation when nothing can be mounted.
    static func withMemory<Value>(
        at folder: FilePath, _ options: String, _ body: () async throws -> Value
    ) async throws -> Value {
        try await withMount(
            ["-t", "tmpfs", "-o", options, "tmpfs", folder.string], at: folder, body)
    }

    /// Makes a folder read-only while `body` runs.
    static func withReadOnly<Value>(
        _ folder: FilePath, _ body: () async throws -> Value
    ) async throws -> Value {
        try await withMount(["--bind", folder.string, folder.string], at: folder) {
            let remount = try await run(
                "/usr/bin/mount", ["-o", "remount,ro,bind", folder.string])
            try #require(remount.status == 0, "\(remount.errors)")
            return try await body()
        }
    }

    private static func withMount<Value>(
        _ arguments: [String], at folder: FilePath, _ body: () async throws -> Value
    ) async throws -> Value {
        try FileManager.default.createDirectory(
            atPath: folder.string, withIntermediateDirectories: true)
        let outcome = try await run("/usr/bin/mount", arguments)
        try #require(outcome.status == 0, "\(folder): \(outcome.errors)")
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        _ = try await run("/usr/bin/umount", [folder.string])
        return try result.get()
    }
}
