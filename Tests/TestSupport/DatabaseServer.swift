import Dispatch
import FoundationEssentials
import Glibc
package import SystemPackage

/// Programs that Debian's packages bring and that tests run.
package struct DebianPrograms: Sendable {
    /// Why the tests cannot run here; nil: they can.
    package let missing: String?

    /// Looks for the programs.
    package init(_ programs: [FilePath], package name: String) {
        let absent = programs.filter { access($0.string, X_OK) != 0 }
        missing =
            absent.isEmpty
            ? nil
            : "Skipped: \(absent.map(\.string).joined(separator: ", ")) missing; install \(name)."
        // Printed, because a skipped test otherwise says nothing of its own.
        if let missing { print(missing) }
    }

    package var isThere: Bool { missing == nil }
}

/// What the servers run as: neither PostgreSQL nor MariaDB starts as root, and no other has to.
package enum UnprivilegedUser {
    /// Debian's `nobody`.
    private static let id: UInt32 = 65_534

    /// The program and arguments that run another program without privileges.
    package static func running(
        _ program: FilePath, _ arguments: [String]
    ) -> (program: FilePath, arguments: [String]) {
        guard getuid() == 0 else { return (program, arguments) }
        return (
            "/usr/bin/setpriv",
            ["--reuid=\(id)", "--regid=\(id)", "--clear-groups", program.string] + arguments
        )
    }

    /// Makes a folder of its own, with copies of these files, under these names.
    static func makeFolder(_ folder: FilePath, with files: [String: FilePath]) throws {
        guard mkdir(folder.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        try give(folder)
        for (name, file) in files {
            let copy = folder.appending(name)
            try FileManager.default.copyItem(atPath: file.string, toPath: copy.string)
            guard getuid() != 0 || chown(copy.string, id, id) == 0 else {
                throw Errno(rawValue: errno)
            }
        }
    }

    /// Hands a folder and the way to it over.
    package static func give(_ folder: FilePath) throws {
        guard getuid() == 0 else { return }
        guard chown(folder.string, id, id) == 0 else { throw Errno(rawValue: errno) }
        // mkdtemp makes the folder around it for its owner alone.
        guard chmod(folder.removingLastComponent().string, 0o755) == 0 else {
            throw Errno(rawValue: errno)
        }
    }
}

/// Runs a program to its end as the unprivileged user.
///
/// - Returns: what it printed
/// - Throws: ``ServerFailure`` when it exits with another status than 0.
@discardableResult
package func runUnprivileged(
    _ program: FilePath, _ arguments: [String], log: FilePath
) async throws -> String {
    let command = UnprivilegedUser.running(program, arguments)
    let child = try ChildProcess(
        command.program, command.arguments,
        environment: [
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent",
        ],
        errors: log)
    let (status, output) = try await child.wait()
    guard status == 0 else {
        throw ServerFailure(description: "\(program) ended with \(status): \(output) see \(log)")
    }
    return output
}

/// A server that did not do what a test needs of it.
package struct ServerFailure: Error, CustomStringConvertible {
    package let description: String
}

/// A TCP port of loopback that was free a moment ago, of the kernel's choice.
package func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
        }
    }
    guard result == 0 else { throw Errno(rawValue: errno) }
    return UInt16(bigEndian: address.sin_port)
}

/// Whether a server takes connections on a port of loopback.
func takesConnections(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withLoopback(port) { connect(descriptor, $0, $1) } == 0
}

/// Waits until a server takes connections, by asking it, or has ended.
func waitUntil(
    _ isReady: () async -> Bool, otherwise failure: ServerFailure
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(300)
    while !(await isReady()) {
        guard clock.now < end else { throw failure }
        try await clock.sleep(for: .milliseconds(50))
    }
}
