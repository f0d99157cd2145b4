import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `pkg` killed with SIGKILL at random moments, again and again on the same folder.
@Suite struct RandomKillFaultTests {
    private static let kills = 1_000
    /// Customers of one gateway, killed beside each other.
    private static let customers = 4

    @Test func everyVisiblePluginIsOneWholeReleaseAfterAnyKill() async throws {
        try await FaultWorld.serving(fileCount: 8) { world in
            let runs = try await withThrowingTaskGroup(of: (killed: Int, runs: Int).self) { group in
                for number in 0..<Self.customers {
                    group.addTask { try await kill(number, world) }
                }
                return try await group.reduce((killed: 0, runs: 0)) {
                    ($0.killed + $1.killed, $0.runs + $1.runs)
                }
            }
            #expect(
                runs.runs > runs.killed, "some come to their end, so that their last steps are hit")
            try FaultMatrix.record(
                .kills, "SIGKILL at 1,000 random moments of updates and downgrades",
                "\(Self.customers) customers, each killed again and again on the same folder; one "
                    + "whole release visible after each kill; every fifth run is let through and "
                    + "puts everything right")
        }
    }

    /// Kills one customer's runs until that happened often enough.
    private func kill(_ number: Int, _ world: FaultWorld) async throws -> (killed: Int, runs: Int) {
        let license = try await world.gateway.issue(FaultWorld.plugins)
        let customer = try world.customer("customer-\(number)", key: license.key)
        try await customer.mustDownload("1.0.0")
        let clock = ContinuousClock()
        var whole = try await clock.measure { try await customer.mustDownload("2.0.0") }
        var generator = SeededGenerator(seed: UInt64(number + 1))
        var killed = 0
        var round = 0
        while killed < Self.kills / Self.customers {
            let target = round.isMultiple(of: 2) ? "1.0.0" : "2.0.0"
            let before = try world.visible(customer)
            let moment = whole * Double.random(in: 0...1.1, using: &generator)
            if try await Self.wasKilled(customer, app: target, after: moment) {
                killed += 1
                whole = whole * 21 / 20
            } else {
                // How long a run takes depends on what else the machine does: about one in five comes
                // to its end, so that its last steps are hit too.
                whole = whole * 4 / 5
            }
            let when = "killed after \(moment) of round \(round)"
            try world.checkVisible(customer, before: before, when)
            round += 1
            guard round.isMultiple(of: 5) else { continue }
            let next = try await customer.downloadPro(app: target)
            #expect(next.outcome.status == 0, "\(when): \(next.outcome.errors)")
            try world.checkReport(next.outcome, customer, when)
            try world.checkVisible(customer, before: [:], when)
            for name in FaultWorld.plugins { #expect(customer.visibleVersion(name) == target) }
            let isAtWork = customer.isAtWork
            #expect(!isAtWork, "\(when)")
        }
        return (killed, round)
    }

    /// Runs an update and kills it after that long.
    private static func wasKilled(
        _ customer: Customer, app version: String, after moment: Duration
    ) async throws -> Bool {
        let child = try ChildProcess(
            Programs.pkg, ["download-pro", "--app-version", version],
            environment: Programs.environment.merging(customer.environment) { $1 },
            errors: "/dev/null")
        try await Task.sleep(for: moment)
        child.signal(SIGKILL)
        return try await child.wait().status == -SIGKILL
    }
}
