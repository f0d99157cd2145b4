import Cryptography
import Fetcher
import FoundationEssentials
import Packages
import SystemPackage
import Testing

@Suite struct PlanTests {
    /// One plugin's situation and what the plan must say of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var isEntitled = true
        var application = "2.0.0"
        var installed: String?
        var condition = InstalledPlugin.Condition.intact
        var rolledBackFrom: String?
        /// The version that a rollback set aside altogether.
        var keptAway: String?
        /// The version that a folder without a receipt names; empty: none.
        var unmanaged: String?
        var downloadsRefused: String?
        var removalsRefused: String?
        var isFree = false
        let action: PlanItem.Action
        var release: String?
        var mismatch: MismatchReason?
        /// What the explanation must say.
        var says = ""
    }

    /// 1.0.0 and 1.1.0 for application 2.0, 2.0.0 for 2.1.
    static let cases: [Case] = [
        Case(testDescription: "nothing there", action: .install, release: "1.1.0"),
        Case(
            testDescription: "nothing to do", installed: "1.1.0", action: .current,
            release: "1.1.0"),
        Case(testDescription: "an update", installed: "1.0.0", action: .update, release: "1.1.0"),
        Case(
            testDescription: "an application that went back", installed: "2.0.0",
            action: .downgrade, release: "1.1.0"),
        Case(
            testDescription: "a changed file", installed: "1.1.0",
            condition: .modified("a.js", count: 1), action: .repair, release: "1.1.0"),
        Case(
            testDescription: "a folder that is gone", installed: "1.1.0", condition: .missing,
            action: .repair, release: "1.1.0"),
        Case(
            testDescription: "a changed file of what is updated anyway", installed: "1.0.0",
            condition: .modified("a.js", count: 2), action: .update, release: "1.1.0"),
        Case(
            testDescription: "no release for the application", application: "3.0.0",
            installed: "1.1.0", action: .leave, release: "1.1.0",
            mismatch: .noReleaseForApplication),
        Case(
            testDescription: "no release for it, and a changed file", application: "3.0.0",
            installed: "1.1.0", condition: .modified("a.js", count: 1), action: .repair,
            release: "1.1.0", mismatch: .noReleaseForApplication),
        Case(
            testDescription: "rolled back by hand", installed: "1.0.0", rolledBackFrom: "1.1.0",
            action: .current, release: "1.0.0"),
        Case(
            testDescription: "rolled back from what is no longer wanted", application: "2.1.0",
            installed: "1.0.0", rolledBackFrom: "1.1.0", action: .update, release: "2.0.0"),
        Case(
            testDescription: "rolled back to what is for another application",
            application: "2.1.0", installed: "1.1.0", rolledBackFrom: "2.0.0", action: .leave,
            release: "1.1.0", mismatch: .heldBack,
            says: "stays at 1.1.0, which is not for application 2.1.0: rolled back from 2.0.0; "
                + "`pkg plugins rollback` again returns to it"),
        Case(
            testDescription: "that, with a changed file", application: "2.1.0",
            installed: "1.1.0", condition: .modified("a.js", count: 1), rolledBackFrom: "2.0.0",
            action: .repair, release: "1.1.0", mismatch: .heldBack),
        Case(
            testDescription: "set aside by a rollback", keptAway: "1.1.0", action: .leave,
            mismatch: .heldBack, says: "`pkg plugins restore @acme/plugin-x` brings it back"),
        Case(
            testDescription: "set aside by a rollback, and a newer release", application: "2.1.0",
            keptAway: "1.1.0", action: .install, release: "2.0.0"),
        Case(
            testDescription: "a link in its place", installed: "1.1.0",
            condition: .foreign("a link or file", at: "/plugins/x"), action: .leave,
            mismatch: .modifiedOnDisk, says: "move /plugins/x aside"),
        Case(
            testDescription: "a lost receipt", unmanaged: "1.0.0",
            action: .adopt, release: "1.0.0"),
        Case(
            testDescription: "somebody's checkout", unmanaged: "9.9.9",
            action: .leave),
        Case(testDescription: "a folder of something else", unmanaged: "", action: .leave),
        Case(
            testDescription: "a paused license", downloadsRefused: "paused", action: .leave,
            release: "1.1.0", mismatch: .heldBack),
        Case(
            testDescription: "a paused license with nothing to do", installed: "1.1.0",
            downloadsRefused: "paused", action: .current, release: "1.1.0"),
        Case(
            testDescription: "no longer licensed", isEntitled: false, installed: "1.1.0",
            action: .remove),
        Case(
            testDescription: "no longer licensed, on an old statement", isEntitled: false,
            installed: "1.1.0", removalsRefused: "old", action: .leave),
        Case(
            testDescription: "became free", isEntitled: false, installed: "1.1.0", isFree: true,
            action: .leave, mismatch: .becameFree),
    ]

    @Test(arguments: cases) func plans(_ test: Case) throws {
        let name = try PackageName("@acme/plugin-x")
        let releases = try [
            Self.release(name, "1.0.0", ">=2.0.0 <2.1.0"),
            Self.release(name, "1.1.0", ">=2.0.0 <2.1.0"),
            Self.release(name, "2.0.0", ">=2.1.0 <2.2.0"),
        ]
        let installed = try test.installed.map { version in
            InstalledPlugin(
                receipt: try Self.receipt(name, version, test.rolledBackFrom),
                condition: test.condition)
        }
        let plan = Plan(
            PlanInputs(
                applicationVersion: try ApplicationVersion(test.application),
                entitled: test.isEntitled
                    ? [
                        PlanInputs.Entitled(
                            name: name,
                            coverage: Coverage(updatesUntil: nil, channels: ["latest"]))
                    ] : [],
                releases: [name: releases],
                vendor: VendorProfile(name: "Acme", freePlugins: test.isFree ? [name] : []),
                installed: installed.map { [$0] } ?? [],
                unmanaged: try test.unmanaged.map { version in
                    [name: version.isEmpty ? .unreadable : .version(try SemanticVersion(version))]
                } ?? [:],
                downloadsRefused: test.downloadsRefused, removalsRefused: test.removalsRefused,
                keptAway: try test.keptAway.map { [name: try SemanticVersion($0)] } ?? [:]))
        let item = try #require(plan.items.first)
        #expect(plan.items.count == 1)
        #expect(item.action == test.action)
        #expect(item.release?.version.description == test.release)
        #expect(item.mismatch?.reason == test.mismatch)
        #expect(test.says.isEmpty || item.explanation.contains(test.says), "\(item.explanation)")
    }

    @Test func sortsByName() throws {
        let names = try ["@acme/b", "@acme/a", "c"].map { try PackageName($0) }
        let plan = Plan(
            PlanInputs(
                applicationVersion: try ApplicationVersion("2.0.0"),
                entitled: names.map {
                    PlanInputs.Entitled(
                        name: $0, coverage: Coverage(updatesUntil: nil, channels: ["latest"]))
                },
                releases: [:], vendor: VendorProfile(name: "Acme"), installed: [], unmanaged: [:],
                downloadsRefused: nil, removalsRefused: nil))
        #expect(plan.items.map(\.name.description) == ["@acme/a", "@acme/b", "c"])
        #expect(plan.items.allSatisfy { $0.mismatch?.reason == .notInRegistry })
    }

    static func release(_ name: PackageName, _ version: String, _ range: String) throws -> Release {
        try Release(
            name: name, version: SemanticVersion(version),
            published: Date(timeIntervalSince1970: 1_700_000_000),
            applicationRange: VersionRange(range), length: 10, sha512: digest(name, version),
            unpackedSize: 10, fileCount: 1)
    }

    private static func receipt(
        _ name: PackageName, _ version: String, _ rolledBackFrom: String?
    ) throws -> Receipt {
        Receipt(
            name: name, version: try SemanticVersion(version), tarball: digest(name, version),
            installed: Date(timeIntervalSince1970: 1_700_000_000), files: [],
            rolledBackFrom: try rolledBackFrom.map { try SemanticVersion($0) })
    }

    private static func digest(_ name: PackageName, _ version: String) -> Digest {
        .of(.sha512, Array("\(name)@\(version)".utf8))
    }
}
