import CanonicalJSON
import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// `pkg` killed with SIGKILL at random moments, again and again on the same folder.
@Suite struct KillTests {
    /// How many runs are killed.
    private let kills = 200
    private let plugins = ["@acme/a", "@acme/b", "@acme/c", "@acme/d"]

    @Test func everyVisiblePluginIsOneWholeReleaseAfterAnyKill() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                for (index, name) in plugins.enumerated() {
                    for major in [1, 2] {
                        try await gateway.publish(
                            name, "\(major).0.0", application: ">=\(major).0.0 <\(major + 1).0.0",
                            files: Self.files(of: name, major, count: 20 * (index + 1)))
                    }
                }
                let license = try await gateway.issue(plugins)
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                let first = try await customer.downloadPro(app: "1.0.0")
                try #require(first.outcome.status == 0, "\(first.outcome.errors)")
                let clock = ContinuousClock()
                var whole = try await clock.measure {
                    _ = try await customer.downloadPro(app: "2.0.0")
                }
                var generator = SeededGenerator(seed: 1)
                var killed = 0
                for round in 0..<kills {
                    let target = round.isMultiple(of: 2) ? "1.0.0" : "2.0.0"
                    let moment = whole * Double.random(in: 0...1.1, using: &generator)
                    if try await Self.wasKilled(customer, app: target, after: moment) {
                        killed += 1
                        whole = whole * 21 / 20
                    } else {
                        // How long a run takes depends on what else the machine does: about one in
                        // five comes to its end, so that its last steps are hit too.
                        whole = whole * 4 / 5
                    }
                    try checkInvariants(customer, "killed after \(moment) of round \(round)")
                    guard round.isMultiple(of: 5) else { continue }
                    // The next run puts everything right by itself (I3) and tells the truth (I5).
                    let next = try await customer.downloadPro(app: target)
                    #expect(next.outcome.status == 0, "\(round): \(next.outcome.errors)")
                    for name in plugins {
                        #expect(customer.visibleVersion(name) == target)
                        #expect(
                            next.plugins[name]?.contains(" \(target) ") == true,
                            "\(round): \(next.outcome.output)")
                    }
                    try checkInvariants(customer, "after round \(round)")
                }
                #expect(killed > kills / 4, "too few runs were still at work when they were killed")
                let siblings = try FileManager.default.contentsOfDirectory(
                    atPath: customer.storage.removingLastComponent().string)
                #expect(siblings == ["storage"], "nothing is written outside our folders (I4)")
            }
        }
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

    /// Each visible plugin is exactly one release (I1), and none is lost (I2).
    private func checkInvariants(_ customer: Customer, _ when: String) throws {
        for (index, name) in plugins.enumerated() {
            let version = try #require(customer.visibleVersion(name), "\(name) is lost, \(when)")
            let major = try #require(version.first?.wholeNumberValue)
            let expected = Self.files(of: name, major, count: 20 * (index + 1))
            let folder = "\(customer.storage)/plugins/\(name)"
            for (path, content) in expected {
                let found = FileManager.default.contents(atPath: "\(folder)/\(path)")
                #expect(
                    found.map { [UInt8]($0) } == content, "\(name)/\(path) of \(version), \(when)")
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/lib")
            #expect(names.count == expected.count, "\(name) \(version), \(when)")
        }
    }

    private static func files(of name: String, _ major: Int, count: Int) -> [String: [UInt8]] {
        Dictionary(
            uniqueKeysWithValues: (0..<count + major).map { index in
                let line = "module.exports = \"\(name) \(major) \(index)\";\n"
                return (
                    "lib/part-\(index).js", Array(String(repeating: line, count: 50).utf8)
                )
            })
    }

    @Test func twoRunsAtOnceTakeTurns() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issue(["@acme/a"])
                let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
                async let one = customer.downloadPro(app: "1.0.0")
                async let other = customer.downloadPro(app: "1.0.0")
                let runs = try await [one, other]
                #expect(runs.map(\.outcome.status) == [0, 0])
                #expect(
                    Set(runs.compactMap { $0.plugins["@acme/a"] })
                        == ["install 1.0.0 -", "current 1.0.0 -"])
            }
        }
    }
}
