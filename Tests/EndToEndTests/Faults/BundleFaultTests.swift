import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What ends a program while it makes a bundle, or while it takes one.
@Suite struct BundleFaultTests {
    @Test func anExportIsKilledAfterEachChange() async throws {
        try await FaultWorld.serving { world in
            let fault = DiskFault(deed: .signal(SIGKILL), position: 0)
            let count = try await export(world, fault) { outcome, folder, when in
                #expect(outcome.status == -SIGKILL, "\(when): \(outcome.errors)")
                let left = Set(try entries(of: folder))
                #expect(
                    left.isSubset(of: ["all.tgbundle.new", "all.tgbundle.part"])
                        || left.isSubset(of: ["all.tgbundle", "all.tgbundle.part"]),
                    "\(when): \(left)")
            }
            try FaultMatrix.record(
                .bundles, "SIGKILL after each system call of: export",
                "\(count) calls, \(count) kills; a whole bundle or none under its name; the next export "
                    + "goes on and leaves nothing else")
        }
    }

    @Test func anExportOntoAFullDisk() async throws {
        try await FaultWorld.serving { world in
            let fault = DiskFault(
                deed: .errors(.noSpace), position: 0, calls: DiskFault.takingSpace)
            let count = try await export(world, fault) { outcome, folder, when in
                #expect(outcome.status == 7, "\(when): \(outcome.errors)")
                #expect(outcome.errorCode == "disk.full", "\(when)")
                let left = Set(try entries(of: folder))
                #expect(left.isSubset(of: ["all.tgbundle.part"]), "\(when): \(left)")
            }
            try FaultMatrix.record(
                .bundles, "ENOSPC at each call of an export that takes space, and all after it",
                "\(count) positions; `disk.full`, exit 7; no bundle, and of what was downloaded the rest "
                    + "is asked for next time")
        }
    }

    /// Exports once for each call on the bundle's folder, with the fault at it; then once without.
    ///
    /// - Returns: how many calls there are
    private func export(
        _ world: FaultWorld, _ fault: DiskFault,
        _ check: @escaping @Sendable (Outcome, FilePath, String) throws -> Void
    ) async throws -> Int {
        let ready = try world.customer("customer")
        try await ready.mustDownload("1.0.0")
        let count = try await forEachPosition { position, lane in
            let when = "an export, with the fault at call \(position)"
            var fault = fault
            fault.position = position
            let customer = try await world.copy(of: ready, named: "lane-\(lane)")
            let folder = world.gateway.folder.appending("bundles-\(position)")
            try FileManager.default.createDirectory(
                atPath: folder.string, withIntermediateDirectories: false)
            let bundle = folder.appending("all.tgbundle")
            let faulty = try await run(
                Programs.pkg, ["export-all", "-o", bundle.string],
                environment: customer.environment.merging(fault.environment(for: folder)) { $1 })
            guard faulty.status != 0 else { return false }
            try check(faulty, folder, when)
            if !FileManager.default.fileExists(atPath: bundle.string) {
                let next = try await customer.pkg("export-all", "-o", bundle.string)
                #expect(next.status == 0, "\(when): \(next.errors)")
                #expect(try entries(of: folder) == ["all.tgbundle"], "\(when)")
            }
            let taken = try await customer.downloadPro(app: "2.0.0", ["--from", bundle.string])
            #expect(taken.outcome.status == 0, "\(when): \(taken.outcome.errors)")
            return true
        }
        #expect(count > 5, "\(count) calls")
        return count
    }

    @Test func aRunFromABundleIsKilledAfterEachChange() async throws {
        try await FaultWorld.serving { world in
            let (ready, bundle) = try await customerWithBundle(world)
            let before = try world.visible(ready)
            let arguments = ["download-pro", "--app-version", "2.0.0", "--from", bundle.string]
            let count = try await forEachPosition { position, lane in
                let when = "from a bundle, killed after call \(position)"
                let customer = try await world.copy(of: ready, named: "lane-\(lane)")
                let outcome = try await customer.pkg(
                    arguments, DiskFault(deed: .signal(SIGKILL), position: position))
                guard outcome.status == -SIGKILL else {
                    #expect(outcome.status == 0, "\(when): \(outcome.errors)")
                    return false
                }
                try world.checkVisible(customer, before: before, when)
                let next = try await customer.downloadPro(app: "2.0.0", ["--from", bundle.string])
                #expect(next.outcome.status == 0, "\(when): \(next.outcome.errors)")
                try world.checkReport(next.outcome, customer, "next run, \(when)")
                for name in FaultWorld.plugins {
                    #expect(
                        try world.visible(customer)[name] == world.releases[name]?["2.0.0"],
                        "\(name), \(when)")
                }
                return true
            }
            #expect(count > 10, "\(count) calls")
            try FaultMatrix.record(
                .bundles, "SIGKILL after each system call of: update from a bundle",
                "\(count) calls, \(count) kills; one whole release visible after each; the next run "
                    + "from the bundle puts everything right")
        }
    }

    @Test(
        .enabled(if: FakeTime.programs.isThere),
        arguments: [
            ("91 days after it was made", "+91d", "bundle.expired"),
            ("the clock is two days behind its making", "-2d", "bundle.not-yet-valid"),
        ])
    func aBundleHoldsForItsTime(_ row: String, _ shift: String, _ code: String) async throws {
        try await FaultWorld.serving { world in
            let (customer, bundle) = try await customerWithBundle(world)
            let before = try world.visible(customer)
            let shifting = FakeTime.shifting(shift)
            let outcome = try await run(
                FilePath(shifting[0]),
                shifting.dropFirst() + [
                    Programs.pkg.string, "download-pro", "--json", "--app-version", "2.0.0",
                    "--from", bundle.string,
                ], environment: customer.environment)
            #expect(outcome.status == 6, "\(outcome.errors)")
            #expect(try world.checkReport(outcome, customer, row).contains(code))
            #expect(outcome.errorCode == code)
            #expect(try world.visible(customer) == before)
            let today = try await customer.downloadPro(app: "2.0.0", ["--from", bundle.string])
            #expect(today.outcome.status == 0, "\(today.outcome.errors)")
            try FaultMatrix.record(
                .bundles, "a bundle, \(row)", "`\(code)`, exit 6; all plugins stay as they were")
        }
    }

    /// A customer with releases for 1.x, and a bundle with those for 2.x as well.
    private func customerWithBundle(_ world: FaultWorld) async throws -> (Customer, FilePath) {
        let customer = try world.customer("customer")
        try await customer.mustDownload("1.0.0")
        let bundle = world.gateway.folder.appending("all.tgbundle")
        let made = try await customer.pkg("export-all", "-o", bundle.string)
        try #require(made.status == 0, "\(made.errors)")
        return (customer, bundle)
    }

    private func entries(of folder: FilePath) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted()
    }
}
