import CanonicalJSON
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Real file systems that are too small, read-only, somebody else's or not one: needs root.
@Suite(.serialized, .enabled("nothing may be mounted here", Privileged.mayMount))
struct MountFaultTests {
    /// An update whose releases are larger than what is left, on file systems of many sizes.
    @Test func aSmallDiskKeepsTheOldRelease() async throws {
        let sizes = Array(stride(from: 60, through: 860, by: 50))
        let full = try await updates(
            on: sizes.map { "size=\($0)k" }, fileCount: 24, expecting: "disk.full")
        try FaultMatrix.record(
            .disk, "a full file system (tmpfs of 60 to 860 KiB, in steps of 50)",
            "\(full.refused) runs `disk.full`, exit 7, the old release whole and nothing staged "
                + "left before an exchange; \(full.done) large enough; more space, and the next run is done"
        )
    }

    @Test func aDiskWithoutInodesKeepsTheOldRelease() async throws {
        let counts = Array(stride(from: 36, through: 276, by: 16))
        let full = try await updates(
            on: counts.map { "size=8m,nr_inodes=\($0)" }, fileCount: 24, expecting: "disk.full")
        try FaultMatrix.record(
            .disk, "no inodes left (tmpfs of 36 to 276, in steps of 16)",
            "\(full.refused) runs `disk.full`, exit 7, the old release whole and nothing staged "
                + "left before an exchange; \(full.done) had enough; more inodes, and the next run is done"
        )
    }

    /// Installs 1.0.0 and updates to 2.0.0 on each file system.
    ///
    /// - Returns: how many updates were refused and done
    private func updates(
        on disks: [String], fileCount: Int, expecting code: String
    ) async throws -> (refused: Int, done: Int) {
        var refused = 0
        var done = 0
        try await FaultWorld.serving(fileCount: fileCount) { world in
            for (index, disk) in disks.enumerated() {
                var customer = try world.customer("customer-\(index)")
                customer.environment["TOLLGATE_INSTANCE_ID"] = "faults-one"
                let counts = try await Privileged.withMemory(at: customer.storage, disk) {
                    try await update(customer, on: disk, world, code)
                }
                refused += counts.refused
                done += counts.done
            }
            #expect(refused > 3, "\(refused) of \(disks.count)")
            #expect(done > 0, "\(done) of \(disks.count)")
        }
        return (refused, done)
    }

    private func update(
        _ customer: Customer, on disk: String, _ world: FaultWorld, _ code: String
    ) async throws -> (refused: Int, done: Int) {
        var refused = 0
        for target in ["1.0.0", "2.0.0"] {
            let before = try world.visible(customer)
            let (outcome, _) = try await customer.downloadPro(app: target)
            let codes = try world.checkReport(outcome, customer, disk)
            try world.checkVisible(customer, before: before, disk)
            // After an exchange the staging folder may hold the only copy of the old release.
            let isAtWork = try customer.isAtWork && world.visible(customer) == before
            #expect(!isAtWork, "\(disk)")
            guard outcome.status != 0 else { continue }
            refused += 1
            #expect(outcome.status == 7, "\(disk): \(outcome.errors)")
            #expect(codes.contains(code), "\(disk): \(codes)")
        }
        let grown = try await run(
            "/usr/bin/mount",
            ["-o", "remount,size=16m,nr_inodes=4000", customer.storage.string])
        try #require(grown.status == 0, "\(grown.errors)")
        try await world.checkNextRun(customer, app: "2.0.0", disk)
        return (refused, refused == 0 ? 1 : 0)
    }

    @Test func anotherFileSystemBelowThePluginsIsNamed() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            let scope = FilePath("\(customer.storage)/plugins/@acme")
            try await Privileged.withMemory(at: scope, "size=4m") {
                for name in FaultWorld.plugins {
                    // What lies there is no release of ours, and not lost.
                    let folder = "\(customer.storage)/plugins/\(name)"
                    #expect(!FileManager.default.fileExists(atPath: folder))
                }
                let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
                #expect(outcome.status == 7)
                let codes = try world.checkReport(outcome, customer, "another file system")
                #expect(codes == ["disk.cross-device"])
                let isAtWork = customer.isAtWork
                #expect(!isAtWork)
            }
            try await world.checkNextRun(customer, app: "1.0.0", "another file system")
            try FaultMatrix.record(
                .disk, "another file system mounted at plugins/@acme",
                "`disk.cross-device`, exit 7, nothing staged left; without it the next run is done")
        }
    }

    @Test func aReadOnlyFileSystemIsNamed() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            try await Privileged.withReadOnly(customer.storage) {
                let (outcome, _) = try await customer.downloadPro(app: "2.0.0")
                #expect(outcome.status == 7)
                let codes = try world.checkReport(outcome, customer, "read-only")
                #expect(codes == ["disk.read-only"])
                #expect(try world.visible(customer) == before)
            }
            try await world.checkNextRun(customer, app: "2.0.0", "read-only")
            try FaultMatrix.record(
                .disk, "a storage folder mounted read-only",
                "`disk.read-only`, exit 7; the plugins stay, and the next run on a writable one is "
                    + "done")
        }
    }

    /// A container's user who does not own what an earlier one installed.
    @Test(
        .enabled(if: geteuid() == 0, "only root gives files away"),
        arguments: ["plugins/@acme", "plugins/.pkg", ".license", "."])
    func aForeignOwnerIsNamed(_ folder: String) async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            chmod(world.gateway.folder.string, 0o755)
            try await chown("65534", customer.storage.removingLastComponent())
            try await chown("0", customer.storage.appending(folder))
            let outcome = try await run(
                "/usr/bin/setpriv",
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", Programs.pkg.string,
                    "download-pro", "--json", "--app-version", "2.0.0",
                ], environment: customer.environment)
            #expect(outcome.status == 7, "\(outcome.errors)")
            let codes = try world.checkReport(outcome, customer, folder)
            #expect(codes == ["disk.permission"], "\(outcome.errors)")
            #expect(try world.visible(customer) == before)
            let isAtWork = customer.isAtWork
            #expect(!isAtWork)
            try await chown("0", customer.storage)
            try await world.checkNextRun(customer, app: "2.0.0", folder)
            let name = folder == "." ? "the storage folder" : "`\(folder)`"
            try FaultMatrix.record(
                .disk, "\(name) owned by another user",
                "`disk.permission`, exit 7, the plugins stay; with the right owner the next run is "
                    + "done")
        }
    }

    private func chown(_ owner: String, _ folder: FilePath) async throws {
        let outcome = try await run("/usr/bin/chown", ["-R", owner, folder.string])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }
}
