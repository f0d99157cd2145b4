import CanonicalJSON
import Fetcher
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// SIGTERM and SIGINT in each step: the run ends at once, says so, and leaves nothing behind.
@Suite(.serialized) struct SignalFaultTests {
    private let clock = ContinuousClock()
    /// How long whoever sent the signal waits.
    private let patience = Duration.seconds(2)

    /// A step that waits for somebody, by the request that it waits for.
    struct Step: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the target of the request contains.
        let target: String
        let signal: Int32
        let status: Int32

        var testDescription: String { "\(name), signal \(signal)" }
    }

    static let steps = [
        ("refreshing the metadata", "timestamp.json"), ("checking in", "/agent"),
        ("downloading", ".tgz"),
    ].flatMap { name, target in
        [(SIGTERM, Int32(143)), (SIGINT, Int32(130))].map { signal, status in
            Step(name: name, target: target, signal: signal, status: status)
        }
    }

    @Test(arguments: steps)
    func endsAtOnceWhileWaiting(in step: Step) async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                // So that the check-in is due again.
                try Disk.remove(StorageFolder(customer.storage).license)
                let asked = middle.hold(step.target)
                let child = try customer.start("download-pro", "--json", "--app-version", "2.0.0")
                for await _ in asked { break }
                let took = try await end(child, customer, with: step.signal, status: step.status)
                middle.spoil(nil)
                try await world.checkNextRun(customer, app: "2.0.0", step.name)
                #expect(took < patience)
                try FaultMatrix.record(
                    .kills, "\(step.signal == SIGTERM ? "SIGTERM" : "SIGINT") while \(step.name)",
                    "exit \(step.status) within 2 s, `run.ended` in the report, the lock released, "
                        + "nothing staged left")
            }
        }
    }

    /// Signals a run that waits, and checks what it leaves.
    private func end(
        _ child: ChildProcess, _ customer: Customer, with signal: Int32, status: Int32,
        installed: [String] = ["1.0.0", "1.0.0"]
    ) async throws -> Duration {
        let start = clock.now
        child.signal(signal)
        // A terminal, a script and `timeout` may all send it: that is one.
        try await Task.sleep(for: .milliseconds(20))
        child.signal(signal)
        let (ended, output) = try await child.wait()
        let took = try #require(child.ended) - start
        #expect(ended == status, "\(output)")
        let report = try parseJSON(Array(output.utf8))
        #expect(report["exit_status"]?.integer == Int64(status))
        #expect(report["failures"]?.array?.compactMap { $0["code"]?.string } == ["run.ended"])
        let kept = try Disk.read(StorageFolder(customer.storage).report)
        for report in [report, try parseJSON(kept ?? [])] {
            let rows = report["plugins"]?.array ?? []
            #expect(rows.map { $0["installed"]?.string } == installed, "\(output)")
        }
        let isAtWork = customer.isAtWork
        #expect(!isAtWork)
        return took
    }

    /// As behind nohup(1), or `&` of a shell: what was ignored when the program began stays ignored.
    @Test func leavesIgnoredSignalsAlone() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                let asked = middle.hold("timestamp.json")
                let child = try ChildProcess(
                    "/bin/sh",
                    [
                        "-c", "trap '' INT; exec \"$0\" \"$@\"", Programs.pkg.string,
                        "download-pro", "--json", "--app-version", "1.0.0",
                    ], environment: Programs.environment.merging(customer.environment) { $1 })
                for await _ in asked { break }
                child.signal(SIGINT)
                // It would be the first of two signals, and the report would tell of it.
                _ = try await end(
                    child, customer, with: SIGTERM, status: 143, installed: [])
            }
        }
    }

    @Test func anExportLeavesNothingBehind() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                let asked = middle.hold(".tgz")
                let folder = world.gateway.folder.appending("bundles")
                try FileManager.default.createDirectory(
                    atPath: folder.string, withIntermediateDirectories: true)
                let child = try customer.start(
                    "export-all", "--json", "-o", folder.appending("all.tgbundle").string)
                for await _ in asked { break }
                let start = clock.now
                child.signal(SIGINT)
                let (ended, output) = try await child.wait()
                #expect(try #require(child.ended) - start < patience)
                #expect(ended == 130)
                let failures = try parseJSON(Array(output.utf8))["failures"]?.array ?? []
                #expect(failures.compactMap { $0["code"]?.string } == ["run.ended"])
                // Only what the next call goes on with.
                let left = try FileManager.default.contentsOfDirectory(atPath: folder.string)
                #expect(left == ["all.tgbundle.part"])
            }
        }
    }

    /// A database that takes the connection and says nothing: its client library cannot be cancelled.
    @Test func leavesWithoutAReportWhatCannotBeEnded() async throws {
        try await FaultWorld.serving { world in
            let silent = try ScriptedServer { _ in [.holdUntilClientCloses] }
            defer { silent.stop() }
            var customer = try world.customer("customer")
            customer.environment["TOLLGATE_INSTANCE_ID"] = nil
            customer.environment["DATABASE_URL"] =
                "postgres://app:x@127.0.0.1:\(silent.port)/app"
            let errors = world.gateway.folder.appending("errors")
            let child = try customer.start(
                "download-pro", "--json", "--app-version", "1.0.0", errors: errors)
            while silent.connectionCount == 0 { try await Task.sleep(for: .milliseconds(10)) }
            let start = clock.now
            child.signal(SIGTERM)
            let (status, output) = try await child.wait()
            let took = try #require(child.ended) - start
            #expect(status == 143)
            #expect(took < patience)
            let text = try String(contentsOfFile: errors.string, encoding: .utf8)
            #expect(output.isEmpty)
            #expect(text.contains("SIGTERM: left without a report"), "\(text)")
            customer.environment["DATABASE_URL"] = nil
            customer.environment["TOLLGATE_INSTANCE_ID"] = "faults-customer"
            try await world.checkNextRun(customer, app: "1.0.0", "after a silent database")
            try FaultMatrix.record(
                .kills, "SIGTERM while a silent database is waited for",
                "exit 143 within 2 s, the lock released")
        }
    }

    /// SIGTERM right after each call that changes the folder: unpacking, exchanges and report too.
    @Test func endsWellAfterEachChange() async throws {
        try await FaultWorld.serving { world in
            let ready = try await FaultOperation.update.prepare(world)
            let before = try world.visible(ready)
            let ended = Mutex(0)
            let told = Mutex(0)
            let count = try await forEachPosition { position, lane in
                let when = "SIGTERM after call \(position)"
                let customer = try await world.copy(of: ready, named: "lane-\(lane)")
                let log = world.gateway.folder.appending("calls-\(lane)")
                unlink(log.string)
                let fault = DiskFault(deed: .signal(SIGTERM), position: position)
                let outcome = try await run(
                    Programs.pkg, FaultOperation.update.arguments,
                    environment: customer.environment.merging(
                        fault.environment(for: customer.storage, log: log)
                    ) { $1 })
                guard try lines(of: log).count >= position else { return false }
                // Before it could be told, or when nothing was left to give up, it is done.
                #expect([0, 143, -SIGTERM].contains(outcome.status), "\(when): \(outcome.errors)")
                // On a machine with too much to do the limit of 1.5 s may come first.
                let isLeft = outcome.errors.contains("left without a report")
                if outcome.status != -SIGTERM, !isLeft {
                    let codes = try world.checkReport(outcome, customer, when)
                    #expect(codes == (outcome.status == 143 ? ["run.ended"] : []), "\(when)")
                    let rows = try outcome.json["plugins"]?.array?.count
                    #expect(rows == FaultWorld.plugins.count, "\(when): \(outcome.output)")
                    told.withLock { $0 += 1 }
                    let isAtWork = customer.isAtWork
                    #expect(!isAtWork, "\(when)")
                }
                if outcome.status == 143 { ended.withLock { $0 += 1 } }
                try world.checkVisible(customer, before: before, when)
                try await world.checkNextRun(customer, app: "2.0.0", when)
                return true
            }
            let endings = ended.withLock(\.self)
            #expect(endings > count / 4, "\(endings) of \(count)")
            let reports = told.withLock(\.self)
            #expect(reports * 4 >= count * 3, "\(reports) of \(count) ended with a report")
            try FaultMatrix.record(
                .kills, "SIGTERM after each system call of: update",
                "\(count) runs: the exchange that had begun is done and no other begins; exit 143 "
                    + "with `run.ended`, or 0 when nothing was left to give up; nothing staged left"
            )
        }
    }
}
