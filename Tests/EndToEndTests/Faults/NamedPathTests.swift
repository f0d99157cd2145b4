import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What a person mistyped is said to be a mistake of theirs, and none of the disk.
@Suite struct NamedPathTests {
    @Test(arguments: [
        ["download-pro", "--from", "nope"], ["download-pro", "--from", ""],
        ["export-all", "--since", "nope"],
        ["support-bundle", "-o", "/nonexist/x"],
        ["download-pro", "--storage", "/proc/x"],
    ])
    func aPathThatIsNotThere(_ arguments: [String]) async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let outcome = try await run(
                Programs.pkg, arguments, environment: customer.environment)
            #expect(outcome.errorCode == "settings.path-missing", "\(outcome.errors)")
            #expect(outcome.status == 64)
        }
    }

    @Test(arguments: [
        ["export-all", "--app-version", "banana"], ["plugins", "rollback", "../../x"],
    ])
    func aValueThatIsNone(_ arguments: [String]) async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let outcome = try await run(
                Programs.pkg, arguments, environment: customer.environment)
            #expect(outcome.errorCode == "usage.invalid", "\(outcome.errors)")
            #expect(!outcome.errors.contains("package.json"))
            #expect(outcome.status == 64)
        }
    }

    /// A file that was opened first must not become what the result is printed into.
    @Test(arguments: [
        ("pkg instance-id --facts >/dev/full", 7, "disk.full"),
        ("pkg doctor --json >/dev/full", 7, "disk.full"),
        ("pkg explain disk.full >&-", 0, nil),
    ])
    func aResultThatNobodyTakes(
        _ command: String, _ status: Int32, _ code: String?
    ) async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            var environment = customer.environment
            environment["PATH"] = "\(Programs.folder):/usr/bin:/bin"
            let outcome = try await run("/bin/sh", ["-c", command], environment: environment)
            #expect(outcome.errorCode == code, "\(outcome.errors)")
            #expect(outcome.status == status)
        }
    }

    /// Those of dead processes; one that is locked is another container's.
    @Test func whatAKilledDoctorLeftIsRemovedByTheNext() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let own = customer.storage.appending("plugins").appending(".pkg")
            let names = ["left", "used"].enumerated().map { ".pkg-doctor-\(4_194_300 + $0)-\($1)" }
            for name in names {
                try FileManager.default.createDirectory(
                    atPath: own.appending(name).string, withIntermediateDirectories: true)
            }
            let used = try FileDescriptor.open(
                own.appending(names[1]), .readOnly, options: [.directory, .closeOnExec])
            defer { try? used.close() }
            try #require(flock(used.rawValue, LOCK_EX) == 0)
            _ = try await customer.doctor()
            let left = try FileManager.default.contentsOfDirectory(atPath: own.string)
            #expect(left.filter { $0.hasPrefix(".pkg-doctor-") } == [names[1]])
        }
    }
}
