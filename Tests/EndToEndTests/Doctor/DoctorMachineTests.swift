import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Broken settings, licenses and disks that need no gateway to be found.
@Suite struct DoctorMachineTests {
    @Test(arguments: [
        (["TOLLGATE_CA_FILE": "/nonexistent"], "settings.path-missing", "gateway.name"),
        (["TOLLGATE_TRUST_ROOT": "/nonexistent"], "settings.path-missing", "trust.root"),
        (["DATABASE_URL": "oracle://db/app"], "usage.invalid", "license.key"),
    ])
    func aSettingThatCannotBeUsed(
        _ environment: [String: String], _ code: String, _ left: String
    ) async throws {
        try await withTemporaryFolder { folder in
            let found = try await Customer.alone(in: folder, environment).doctor()
            #expect(found.failed["settings"] == [code])
            #expect(found.notChecked.contains(left))
        }
    }

    @Test func aFileOfSettingsThatIsNone() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let file = customer.storage.removingLastComponent().appending("pkg.yaml")
            try Data("url: [".utf8).write(to: URL(filePath: file.string))
            #expect(try await customer.doctor().failed["settings"] == ["settings.file"])
        }
    }

    @Test(arguments: [
        ("tg_0WJ42QKVK2TX5V26HB7H6NWM0", "license.key-format"), ("", "license.key-not-found"),
    ])
    func aKeyThatIsNone(_ key: String, _ code: String) async throws {
        try await withTemporaryFolder { folder in
            let found = try await Customer.alone(in: folder, ["TOLLGATE_LICENSE_KEY": key]).doctor()
            #expect(found.failed["license.key"] == [code])
            #expect(found.status == 4)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/customer/storage"))
        }
    }

    @Test func aFileInThePlaceOfTheStorage() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            try Data().write(to: URL(filePath: customer.storage.string))
            let found = try await customer.doctor()
            #expect(found.failed["storage.folder"] == ["disk.unexpected-file"])
            #expect(found.status == 7)
        }
    }

    @Test func aLockThatIsHeld() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let own = customer.storage.appending("plugins").appending(".pkg")
            try make(own)
            let lock = try FileDescriptor.open(
                own.appending("lock"), .readWrite, options: [.create, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? lock.close() }
            try #require(flock(lock.rawValue, LOCK_EX) == 0)
            try lock.writeAll("\(getpid())\n".utf8)
            let found = try await customer.doctor()
            #expect(found.warned["storage.lock"] == ["lock.held"])
            #expect(found.messages["storage.lock"]?.contains("\(getpid())") == true)
        }
    }

    @Test func aFullDisk() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            try make(customer.storage)
            try await mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", at: customer.storage) {
                let fill = customer.storage.appending("fill").string
                _ = try? Data(repeating: 1, count: 64 << 10).write(to: URL(filePath: fill))
                let found = try await customer.doctor()
                #expect(found.failed["storage.space"] == ["disk.full"])
                #expect(found.failed["storage.file-system"] == ["disk.full"])
                #expect(found.status == 7)
            }
        }
    }

    @Test func aReadOnlyDisk() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            try make(customer.storage)
            try await mounted("-t", "tmpfs", "-o", "ro", "tmpfs", at: customer.storage) {
                let found = try await customer.doctor()
                #expect(found.failed["storage.file-system"] == ["disk.read-only"])
            }
        }
    }

    @Test func aMountBelowThePlugins() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            let scope = customer.storage.appending("plugins").appending("@acme")
            try make(scope)
            try await mounted("-t", "tmpfs", "tmpfs", at: scope) {
                let found = try await customer.doctor()
                #expect(found.failed["storage.file-system"] == ["disk.cross-device"])
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aForeignOwner() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            try make(customer.storage.appending(".license"))
            chmod(customer.storage.appending(".license").string, 0o755)
            chown(customer.storage.string, 65_534, 65_534)
            let found = try await customer.doctor()
            #expect(found.warned["storage.owner"] == ["disk.foreign-owner"])
            #expect(found.warned["storage.secrets"] == ["disk.secrets-readable"])
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aFolderThatMayNotBeWritten() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer.alone(in: folder)
            try make(customer.storage)
            for path in [folder, customer.storage.removingLastComponent(), customer.storage] {
                chmod(path.string, 0o755)
            }
            let command = UnprivilegedUser.running(Programs.pkg, ["doctor", "--json"])
            let found = try Examination(
                await run(
                    command.program, command.arguments, environment: customer.environment))
            #expect(found.failed["storage.file-system"] == ["disk.permission"])
        }
    }

    private func make(_ folder: FilePath) throws {
        try FileManager.default.createDirectory(
            atPath: folder.string, withIntermediateDirectories: true)
    }

    /// Runs `body` with something mounted; not at all, with the reason printed, where none may be.
    private func mounted(
        _ arguments: String..., at path: FilePath, _ body: () async throws -> Void
    ) async throws {
        let mount = try await run("/usr/bin/mount", arguments + [path.string])
        guard mount.status == 0 else {
            print("skipped: no file system can be mounted: \(mount.errors)")
            return
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        _ = try await run("/usr/bin/umount", [path.string])
        try result.get()
    }
}
