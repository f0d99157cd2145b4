import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// A disk that fails at each of the calls that `pkg` makes: the old release stays, and the failure is
/// said.
@Suite(.serialized) struct DiskFaultTests {
    /// What fails, and what the report calls it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let deed: DiskFault.Deed
        let calls: [String]
        let code: String
        let operation: FaultOperation
        /// Of how many calls one is made to fail.
        var step = 1
        /// Whether what a failed run has staged can still be removed.
        var leavesNothing = true

        var testDescription: String { name }
    }

    static let faults: [Fault] = [
        Fault(
            name: "ENOSPC at each write and all that follow it: update",
            deed: .errors(.noSpace), calls: DiskFault.takingSpace, code: "disk.full",
            operation: .update),
        Fault(
            name: "ENOSPC at each write and all that follow it: install",
            deed: .errors(.noSpace), calls: DiskFault.takingSpace, code: "disk.full",
            operation: .install),
        Fault(
            name: "EDQUOT (quota) at every second write", deed: .error(.diskQuotaExceeded),
            calls: DiskFault.takingSpace, code: "disk.full", operation: .update, step: 2),
        Fault(
            name: "EIO at each fsync, syncfs and close", deed: .error(.ioError),
            calls: DiskFault.flushes, code: "disk.io", operation: .update),
        Fault(
            name: "EIO at each create, write, rename, exchange, mkdir, unlink and rmdir",
            deed: .error(.ioError),
            calls: DiskFault.takingSpace + ["exchange", "unlink", "rmdir", "truncate", "chmod"],
            code: "disk.io", operation: .update, leavesNothing: false),
        Fault(
            name: "EIO at every third call and all that follow it", deed: .errors(.ioError),
            calls: DiskFault.takingSpace + ["exchange", "unlink", "rmdir"] + DiskFault.flushes,
            code: "disk.io", operation: .update, step: 3, leavesNothing: false),
        Fault(
            name: "EROFS at every third call and all that follow it",
            deed: .errors(.readOnlyFileSystem),
            calls: DiskFault.takingSpace + ["exchange", "unlink", "rmdir"], code: "disk.read-only",
            operation: .update, step: 3, leavesNothing: false),
        Fault(
            name: "EXDEV at each rename and exchange", deed: .error(.improperLink),
            calls: ["rename", "exchange"], code: "disk.cross-device", operation: .update),
    ]

    @Test(arguments: faults)
    func theOldReleaseStaysAndTheFailureIsSaid(_ fault: Fault) async throws {
        try await FaultWorld.serving { world in
            let ready = try await fault.operation.prepare(world)
            let before = try world.visible(ready)
            let count = try await forEachPosition { index, lane in
                let position = (index - 1) * fault.step + 1
                let when = "\(fault.name), call \(position)"
                let customer = try await world.copy(of: ready, named: "lane-\(lane)")
                let log = world.gateway.folder.appending("calls-\(lane)")
                unlink(log.string)
                let deed = DiskFault(deed: fault.deed, position: position, calls: fault.calls)
                let outcome = try await run(
                    Programs.pkg, fault.operation.arguments,
                    environment: customer.environment.merging(
                        deed.environment(for: customer.storage, log: log)
                    ) { $1 })
                let calls = try lines(of: log)
                guard calls.count >= position else { return false }
                let what = "\(when): \(calls[position - 1])"
                let codes = try world.checkReport(outcome, customer, what)
                try world.checkVisible(customer, before: before, what)
                if outcome.status == 0 {
                    for name in FaultWorld.plugins {
                        #expect(
                            customer.visibleVersion(name) == fault.operation.application, "\(what)")
                    }
                } else {
                    #expect(outcome.status == 7, "\(what): \(outcome.errors)")
                    #expect(codes.contains(fault.code), "\(what): \(codes)")
                }
                // After an exchange the staging folder may hold the only copy of the old release.
                let isAtWork = try customer.isAtWork && world.visible(customer) == before
                #expect(!isAtWork || !fault.leavesNothing, "\(what)")
                try await world.checkNextRun(customer, app: fault.operation.application, what)
                return true
            }
            #expect(count > 8, "\(fault.name): \(count) calls")
            try FaultMatrix.record(
                .disk, fault.name,
                "\(count) runs, each with another call: each plugin is the old release or the new one, "
                    + "`\(fault.code)` and exit 7 unless all was done; "
                    + (fault.leavesNothing ? "nothing staged is left before an exchange; " : "")
                    + "the next run puts everything right")
        }
    }
}
