import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `pkg` killed with SIGKILL right after each system call that changes its folder.
@Suite(.serialized) struct KillFaultTests {
    @Test(arguments: FaultOperation.allCases)
    func isKilledAfterEachChange(of operation: FaultOperation) async throws {
        try await FaultWorld.serving { world in
            let count = try await kill(operation, world, canExchange: true)
            try FaultMatrix.record(
                .kills, "SIGKILL after each system call of: \(operation)",
                "\(count) calls, \(count) kills; one whole release visible after each; the next run "
                    + "puts everything right, the one after it finds nothing to do")
        }
    }

    /// Where renameat2(2) cannot exchange, two renames do it, and the journal knows.
    @Test func isKilledAfterEachChangeWhereNothingCanBeExchanged() async throws {
        try await FaultWorld.serving { world in
            let count = try await kill(.update, world, canExchange: false)
            try FaultMatrix.record(
                .kills, "SIGKILL after each system call of: update, without RENAME_EXCHANGE",
                "\(count) calls, \(count) kills; between its two renames a plugin is not visible, "
                    + "and the next run brings it back")
        }
    }

    private func kill(
        _ operation: FaultOperation, _ world: FaultWorld, canExchange: Bool
    ) async throws -> Int {
        let ready = try await operation.prepare(world)
        let before = try world.visible(ready)
        let count = try await forEachPosition { position, lane in
            let when = "\(operation), killed after call \(position)"
            let customer = try await world.copy(of: ready, named: "lane-\(lane)")
            let outcome = try await customer.pkg(
                operation.arguments,
                DiskFault(deed: .signal(SIGKILL), position: position, canExchange: canExchange))
            guard outcome.status == -SIGKILL else {
                #expect(outcome.status == 0, "\(when): \(outcome.errors)")
                return false
            }
            let losable =
                canExchange ? operation.losable : Set(FaultWorld.plugins)
            try world.checkVisible(customer, before: before, losable: losable, when)
            try await world.checkNextRun(
                customer, app: operation.application, expected: operation.expected(customer), when)
            if position.isMultiple(of: 5) {
                try await world.checkNothingIsLeft(
                    customer, app: operation.application,
                    held: operation == .rollback ? "@acme/a" : nil, when)
            }
            return true
        }
        #expect(count > 10, "\(operation): \(count) calls")
        return count
    }

    /// The library that kills sees each call that the kernel sees.
    @Test func noChangeEscapesTheLibrary() async throws {
        try await FaultWorld.serving { world in
            for operation in FaultOperation.allCases {
                let customer = try await operation.prepare(world)
                let trace = world.gateway.folder.appending("\(operation).strace")
                let log = world.gateway.folder.appending("\(operation).calls")
                let fault = DiskFault(deed: .none, position: 0)
                let preloaded = fault.environment(for: customer.storage, log: log)
                    .map { "--env=\($0.key)=\($0.value)" }
                let outcome = try await run(
                    "/usr/bin/strace",
                    [
                        "-f", "-y", "-q", "--seccomp-bpf", "-o", trace.string, "-e",
                        "trace=" + (Self.opening + Self.changing).joined(separator: ","),
                    ] + preloaded
                        + [Programs.pkg.string] + operation.arguments,
                    environment: customer.environment)
                try #require(outcome.status == 0, "\(outcome.errors)")
                let seen = try String(contentsOfFile: log.string, encoding: .utf8)
                    .split(separator: "\n").count
                let made = try changes(in: trace, below: customer.storage)
                #expect(seen == made.count, "\(operation): \(made.joined(separator: "\n"))")
                #expect(seen > 10)
            }
        }
    }

    private static let opening = ["open", "openat", "creat"]
    private static let changing = [
        "write", "writev", "pwrite64", "ftruncate", "fchmod", "fchmodat", "chmod", "utimensat",
        "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "link", "linkat", "symlink", "symlinkat",
        "rename", "renameat", "renameat2", "fallocate", "copy_file_range", "sendfile", "truncate",
        "mknod", "mknodat", "chown", "fchown", "lchown", "fchownat", "setxattr", "fsetxattr",
        "lsetxattr",
    ]

    /// The successful calls of a trace that change something below a folder.
    private func changes(in trace: FilePath, below folder: FilePath) throws -> [String] {
        var unfinished: [Substring: Substring] = [:]
        var changes: [String] = []
        for line in try String(contentsOfFile: trace.string, encoding: .utf8).split(separator: "\n")
        {
            let thread = line.prefix { $0 != " " }
            var call = line.dropFirst(thread.count).drop { $0 == " " }
            if let end = call.firstRange(of: " <unfinished ...>") {
                unfinished[thread] = call[..<end.lowerBound]
                continue
            }
            if call.hasPrefix("<..."), let end = call.firstRange(of: " resumed>") {
                call = (unfinished.removeValue(forKey: thread) ?? "") + call[end.upperBound...]
            }
            let name = String(call.prefix { $0 != "(" })
            guard call.contains(folder.string), !call.contains(" = -1 E") else { continue }
            let opens =
                Self.opening.contains(name)
                && (call.contains("O_CREAT") || call.contains("O_TRUNC"))
            if opens || Self.changing.contains(name) { changes.append(String(call)) }
        }
        return changes
    }
}
