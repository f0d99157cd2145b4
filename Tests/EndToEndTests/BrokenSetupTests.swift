import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What an operator gets wrong, or finds broken: each a clear error with its code, nothing lost.
@Suite struct BrokenSetupTests {
    @Test func aValueThatAFlagCannotHaveIsAUsageError() async throws {
        let outcome = try await run(Programs.pkg, ["download-pro", "--timeout", "0"])
        #expect(outcome.status == 64)
        #expect(outcome.errorCode == "usage.invalid")
    }

    @Test func aMissingAddressIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer(
                in: folder, gateway: "", key: "tg_0WJ42QKVK2TX5V26HB7H6NWM07")
            let outcome = try await customer.pkg("download-pro")
            #expect(outcome.status == 64)
            #expect(outcome.errorCode == "settings.url-missing")
            #expect(outcome.errors.contains("TOLLGATE_URL"))
        }
    }

    @Test func aFileThatIsNoYAMLIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            let file = customer.storage.removingLastComponent().appending("pkg.yaml")
            try Data("url: [".utf8).write(to: URL(filePath: file.string))
            let outcome = try await customer.pkg("download-pro")
            #expect(outcome.status == 64)
            #expect(outcome.errorCode == "settings.file")
            #expect(outcome.errors.contains("pkg.yaml"))
        }
    }

    @Test func aVariableOfTheMachineDoesNotChangeTheGateway() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")
                let claims = try await customer.pkg("license", "show")
                #expect(claims.output.contains(license.id))
                #expect(!claims.output.contains("elsewhere.example"))
            }
        }
    }

    @Test func aCutOffKeyIsRefusedWithoutANetwork() async throws {
        try await withTemporaryFolder { folder in
            let customer = try Customer(
                in: folder, gateway: "http://127.0.0.1:9", key: "tg_B1GZBYK5YJAHSHDZNCVRJ3SRC")
            let outcome = try await customer.pkg("download-pro", "--app-version", "1.0.0")
            #expect(outcome.status == 4)
            #expect(outcome.errorCode == "license.key-format")
            #expect(outcome.errors.contains("Invalid license key format"))
            #expect(!outcome.errors.contains("B1GZBYK5"), "no key is printed, not even a wrong one")
        }
    }

    @Test func noLicenseAtAllIsSaid() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let customer = try Customer(in: folder, gateway: gateway.url, key: nil)
                let status = try await customer.pkg("license", "status")
                #expect(status.status == 4)
                #expect(status.errorCode == "license.key-not-found")
                let outcome = try await customer.pkg("download-pro", "--app-version", "1.0.0")
                #expect(outcome.errorCode == "license.key-not-found")
                #expect(outcome.status == 4)
            }
        }
    }

    @Test func anotherVendorsKeyIsRefused() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let other = folder.appending("other")
                try FileManager.default.createDirectory(
                    atPath: other.string, withIntermediateDirectories: true)
                try await TestGateway.serving(in: other, initial: ["--rule", "range"]) { foreign in
                    try await foreign.publish("@acme/a", "1.0.0")
                    let license = try await foreign.issue(["@acme/a"])
                    let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                    let outcome = try await customer.pkg("download-pro", "--app-version", "1.0.0")
                    #expect(outcome.errorCode == "license.foreign-vendor")
                    #expect(outcome.status == 6)
                    #expect(!outcome.errors.contains(license.key))
                }
            }
        }
    }

    @Test func anUnreachableGatewayLeavesThePluginsAndTheLeaseHolds() async throws {
        try await withTemporaryFolder { folder in
            let customer = try await TestGateway.customerItServed(in: folder)
            let run = try await customer.downloadPro(app: "1.0.0", ["--timeout", "300"])
            #expect(run.outcome.status == 5)
            #expect(run.outcome.errorCode == "network.refused")
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            #expect(run.plugins["@acme/a"] == "leave 1.0.0 -")
            let status = try await customer.pkg("license", "status", "--json")
            #expect(status.status == 0)
            #expect(try status.json["state"] == "active")
            let tolerant = try await customer.downloadPro(
                app: "1.0.0", ["--timeout", "300", "--on-failure", "continue"])
            #expect(tolerant.outcome.status == 0)
        }
    }

    @Test func aFullDiskIsSaidAndTheOldReleaseStays() async throws {
        try await withTemporaryFolder { folder in
            let disk = folder.appending("customer").appending("storage")
            try FileManager.default.createDirectory(
                atPath: disk.string, withIntermediateDirectories: true)
            guard try await mounted(disk, "size=1m") else { return }
            let result: Result<Void, any Error>
            do {
                try await updateOnFullDisk(folder)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            _ = try await run("/usr/bin/umount", [disk.string])
            try result.get()
        }
    }

    private func updateOnFullDisk(_ folder: FilePath) async throws {
        try await TestGateway.serving(in: folder) { gateway in
            try await gateway.publish("@acme/a", "1.0.0")
            let license = try await gateway.issue(["@acme/a"])
            let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
            let first = try await customer.downloadPro(app: "1.0.0")
            try #require(first.outcome.status == 0, "\(first.outcome.errors)")
            var generator = SeededGenerator(seed: 3)
            let noise = (0..<2_000_000).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            try await gateway.publish("@acme/a", "1.1.0", files: ["noise.bin": noise])

            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.outcome.status == 7)
            #expect(run.outcome.errorCode == "disk.full")
            #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            #expect(try await customer.pkg("plugins", "verify").status == 0)
        }
    }

    @Test func aReadOnlyFolderIsSaidAndTheOldReleaseStays() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                _ = try await customer.downloadPro(app: "1.0.0")
                let storage = customer.storage.string
                guard try await bound(customer.storage) else { return }
                let readOnly = try await customer.downloadPro(app: "1.0.0")
                _ = try await run("/usr/bin/umount", [storage])
                #expect(readOnly.outcome.status == 7)
                #expect(readOnly.outcome.errorCode == "disk.read-only")
                #expect(customer.visibleVersion("@acme/a") == "1.0.0")
            }
        }
    }

    /// Mounts a small file system in memory; false, with the reason printed, where that may not be.
    private func mounted(_ path: FilePath, _ options: String) async throws -> Bool {
        let outcome = try await run(
            "/usr/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", path.string])
        if outcome.status != 0 {
            print("skipped: no file system can be mounted: \(outcome.errors)")
        }
        return outcome.status == 0
    }

    /// Mounts a folder over itself read-only; false, with the reason printed, where that may not be.
    private func bound(_ path: FilePath) async throws -> Bool {
        let bind = try await run("/usr/bin/mount", ["--bind", path.string, path.string])
        guard bind.status == 0 else {
            print("skipped: no folder can be mounted: \(bind.errors)")
            return false
        }
        let remount = try await run(
            "/usr/bin/mount", ["-o", "remount,ro,bind", path.string])
        return remount.status == 0
    }
}
