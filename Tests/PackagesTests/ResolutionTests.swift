import Diagnostics
import FoundationEssentials
import Packages
import TestSupport
import Testing

@Suite struct ResolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var releases: @Sendable () throws -> [Release]
        var application = "2.1.0"
        var updatesUntil: Date? = Sample.day(6, 30)
        var channels: Set<String> = ["latest"]
        var installed: String?
        var rule = SelectionRule.range
        /// The version, or the mismatch.
        var expected: String
        /// What the explanation must name.
        var names: [String] = []

        init(
            _ testDescription: String, application: String = "2.1.0",
            until updatesUntil: Date? = Sample.day(6, 30), channels: Set<String> = ["latest"],
            installed: String? = nil, rule: SelectionRule = .range, gives expected: String,
            names: [String] = [], _ releases: @escaping @Sendable () throws -> [Release]
        ) {
            self.testDescription = testDescription
            self.releases = releases
            self.application = application
            self.updatesUntil = updatesUntil
            self.channels = channels
            self.installed = installed
            self.rule = rule
            self.expected = expected
            self.names = names
        }
    }

    static let byRange = [
        Case("the highest that declares the application", gives: "1.2.0") {
            [
                try Sample.release("1.0.0", for: "^2.0.0"),
                try Sample.release("1.2.0", for: "^2.0.0"),
                try Sample.release("1.10.0", for: "^3.0.0"),
                try Sample.release("1.1.0", for: "^2.0.0"),
            ]
        },
        Case("versions are ordered by number and not by text", gives: "1.10.0") {
            [try Sample.release("1.9.0", for: "2.x"), try Sample.release("1.10.0", for: "2.x")]
        },
        Case(
            "a pre-release of the application is in ^2.0.0", application: "2.1.0-beta.3",
            gives: "1.0.0"
        ) {
            [try Sample.release("1.0.0", for: "^2.0.0")]
        },
        Case(
            "a pre-release of the next major is not in ^2.0.0", application: "3.0.0-alpha.1",
            gives: "no-release-for-application"
        ) { [try Sample.release("1.0.0", for: "^2.0.0")] },
        Case("without a declared range nothing fits by range", gives: "no-release-for-application")
        {
            [try Sample.release("2.1.0")]
        },
        Case("releases of other plugins are passed over", gives: "not-in-registry") {
            [try Sample.release("1.0.0", for: "*", name: "@acme/plugin-other")]
        },
        Case("published on the last moment of the update period", gives: "1.1.0") {
            [
                try Sample.release("1.1.0", for: "2.x", on: Sample.day(6, 30)),
                try Sample.release("1.2.0", for: "2.x", on: Sample.day(6, 30) + 1),
            ]
        },
        Case("no end of the update period covers everything", until: nil, gives: "1.2.0") {
            [try Sample.release("1.2.0", for: "2.x", on: Sample.day(12, 31))]
        },
        Case("a withdrawn release gives way to a lower one", gives: "1.1.0") {
            [
                try Sample.release("1.1.0", for: "2.x"),
                try Sample.release("1.2.0", for: "2.x", yanked: "breaks logins"),
            ]
        },
        Case("a withdrawn release stays where it is installed", installed: "1.2.0", gives: "1.2.0")
        {
            [
                try Sample.release("1.1.0", for: "2.x"),
                try Sample.release("1.2.0", for: "2.x", yanked: "breaks logins"),
            ]
        },
        Case(
            "a withdrawn one that is installed gives way to a higher", installed: "1.2.0",
            gives: "1.3.0"
        ) {
            [
                try Sample.release("1.2.0", for: "2.x", yanked: "breaks logins"),
                try Sample.release("1.3.0", for: "2.x"),
            ]
        },
        Case("a channel that the license lacks gives way", gives: "1.1.0") {
            [
                try Sample.release("1.1.0", for: "2.x"),
                try Sample.release("1.2.0", for: "2.x", channel: "next"),
            ]
        },
        Case("a channel that the license has", channels: ["latest", "next"], gives: "1.2.0") {
            [
                try Sample.release("1.1.0", for: "2.x"),
                try Sample.release("1.2.0", for: "2.x", channel: "next"),
            ]
        },
        Case("a deprecated release still fits", gives: "1.1.0") {
            [try Sample.release("1.1.0", for: "2.x", deprecated: "use another")]
        },
        Case(
            "lockstep's own version is not asked for vendors by range",
            gives: "no-release-for-application"
        ) {
            [try Sample.release("2.1.0", for: "^3.0.0")]
        },
    ]

    static let byLockstep = [
        Case("range first, the highest", rule: .lockstep, gives: "1.5.0") {
            [try Sample.release("2.1.0"), try Sample.release("1.5.0", for: "^2.0.0")]
        },
        Case("the application's own version", rule: .lockstep, gives: "2.1.0") {
            [try Sample.release("2.0.0"), try Sample.release("2.1.0"), try Sample.release("2.2.0")]
        },
        Case(
            "not the nearest", application: "2.1.1", rule: .lockstep,
            gives: "no-release-for-application"
        ) {
            [try Sample.release("2.1.0"), try Sample.release("2.1.2")]
        },
        Case(
            "own version before the one without stamp", application: "2.1.0-rc.20260801",
            rule: .lockstep, gives: "2.1.0-rc.20260801"
        ) {
            [try Sample.release("2.1.0"), try Sample.release("2.1.0-rc.20260801")]
        },
        Case(
            "a stamped release candidate", application: "2.1.0-rc.20260801", rule: .lockstep,
            gives: "2.1.0"
        ) {
            [try Sample.release("2.0.0"), try Sample.release("2.1.0")]
        },
        Case(
            "a stamped beta", application: "2.1.0-beta.3.20260801120000", rule: .lockstep,
            gives: "2.1.0-beta.3"
        ) {
            [try Sample.release("2.1.0-beta.2"), try Sample.release("2.1.0-beta.3")]
        },
        Case(
            "a stamped alpha", application: "2.1.0-alpha.3.20260801", rule: .lockstep,
            gives: "2.1.0-alpha.3"
        ) {
            [try Sample.release("2.1.0-alpha.3"), try Sample.release("2.1.0-beta.3")]
        },
        Case(
            "a beta without its own takes next", application: "2.1.0-beta.9",
            channels: ["latest", "next"], rule: .lockstep, gives: "2.1.0-beta.4"
        ) {
            [
                try Sample.release("2.2.0"),
                try Sample.release("2.1.0-beta.3", channel: "next"),
                try Sample.release("2.1.0-beta.4", channel: "next"),
                try Sample.release("2.1.0-alpha.9", channel: "alpha"),
            ]
        },
        Case(
            "an alpha takes alpha first", application: "2.1.0-alpha.9",
            channels: ["alpha", "next"], rule: .lockstep, gives: "2.1.0-alpha.4"
        ) {
            [
                try Sample.release("2.1.0-beta.4", channel: "next"),
                try Sample.release("2.1.0-alpha.4", channel: "alpha"),
            ]
        },
        Case(
            "an alpha without alpha takes next", application: "2.1.0-alpha.9",
            channels: ["alpha", "next"], rule: .lockstep, gives: "2.1.0-beta.4"
        ) {
            [try Sample.release("2.1.0-beta.4", channel: "next")]
        },
        Case(
            "a finished application never takes next", channels: ["latest", "next"],
            rule: .lockstep, gives: "no-release-for-application"
        ) {
            [try Sample.release("2.1.0-beta.4", channel: "next")]
        },
        Case(
            "a build of the application", application: "2.1.0.0.5", rule: .lockstep, gives: "2.1.0"
        ) {
            [try Sample.release("2.1.0")]
        },
    ]

    static let byName = [
        Case("latest", rule: .newest(channel: "latest"), gives: "1.2.0") {
            [
                try Sample.release("1.2.0", for: "^9.0.0"), try Sample.release("1.1.0", for: "2.x"),
                try Sample.release("2.0.0-beta.1", channel: "next"),
            ]
        },
        Case(
            "next", channels: ["latest", "next"], rule: .newest(channel: "next"),
            gives: "2.0.0-beta.1"
        ) {
            [try Sample.release("3.0.0"), try Sample.release("2.0.0-beta.1", channel: "next")]
        },
        Case(
            "next, of which there is none", channels: ["latest", "next"],
            rule: .newest(channel: "next"), gives: "no-release-for-application",
            names: [Sample.name, "channel next", "3.0.0", "channel latest"]
        ) { [try Sample.release("3.0.0")] },
        Case(
            "next, which the license does not allow", rule: .newest(channel: "next"),
            gives: "channel-not-allowed", names: ["2.0.0-beta.1", "next", "latest"]
        ) { [try Sample.release("2.0.0-beta.1", channel: "next"), try Sample.release("3.0.0")] },
    ]

    static let mismatches = [
        Case("nothing at all", gives: "not-in-registry", names: [Sample.name]) { [] },
        Case(
            "the nearest by declared range", gives: "no-release-for-application",
            names: [Sample.name, "2.1.0", "1.4.0", "~2.0.0"]
        ) {
            [
                try Sample.release("1.0.0", for: "^1.0.0"),
                try Sample.release("1.4.0", for: "~2.0.0"),
                try Sample.release("9.0.0", for: "^5.0.0"),
            ]
        },
        Case(
            "the nearest of those far below", application: "99.0.0",
            gives: "no-release-for-application", names: ["2.1.0"]
        ) {
            [
                try Sample.release("2.0.1", for: ">=2.0.0 <2.1.0"),
                try Sample.release("2.1.0", for: ">=2.1.0 <2.2.0"),
                try Sample.release("1.9.0", for: ">=1.9.0 <2.0.0"),
            ]
        },
        Case(
            "the nearest by version", application: "2.1.7", rule: .lockstep,
            gives: "no-release-for-application", names: ["2.1.7", "2.1.4"]
        ) {
            [try Sample.release("1.9.0"), try Sample.release("2.1.4"), try Sample.release("3.0.0")]
        },
        Case(
            "published too late", gives: "update-period-ended",
            names: ["1.6.0", "2.1.0", "2026-09-01", "2026-06-30", "1.5.0", "2026-05-02"]
        ) {
            [
                try Sample.release("1.4.0", for: "~2.0.0", on: Sample.day(4, 1)),
                try Sample.release("1.5.0", for: "~2.0.0", on: Sample.day(5, 2)),
                try Sample.release("1.6.0", for: "~2.1.0", on: Sample.day(9, 1)),
            ]
        },
        Case(
            "published too late, and none is covered", gives: "update-period-ended",
            names: ["1.6.0", "2026-09-01", "covers no release"]
        ) { [try Sample.release("1.6.0", for: "~2.1.0", on: Sample.day(9, 1))] },
        Case(
            "lockstep, published too late", rule: .lockstep, gives: "update-period-ended",
            names: ["2.1.0", "2.0.0"]
        ) { [try Sample.release("2.0.0"), try Sample.release("2.1.0", on: Sample.day(9, 1))] },
        Case(
            "a channel that the license lacks", channels: ["latest", "lts"],
            gives: "channel-not-allowed",
            names: ["1.6.0-beta.1", "next", "latest, lts"]
        ) { [try Sample.release("1.6.0-beta.1", for: "2.x", channel: "next")] },
        Case(
            "no channel allowed", channels: [], gives: "channel-not-allowed", names: ["no channel"]
        ) { [try Sample.release("1.6.0", for: "2.x")] },
        Case(
            "withdrawn", gives: "yanked", names: ["1.6.0", "2.1.0", "breaks logins."]
        ) { [try Sample.release("1.6.0", for: "2.x", yanked: "breaks logins")] },
        Case(
            "withdrawn, another is installed", installed: "1.5.0", gives: "yanked", names: ["1.6.0"]
        ) { [try Sample.release("1.6.0", for: "2.x", yanked: "breaks logins")] },
        Case(
            "one obstacle alone is named before two at once", gives: "update-period-ended",
            names: ["1.5.0"]
        ) {
            [
                try Sample.release("1.5.0", for: "2.x", on: Sample.day(7, 1)),
                try Sample.release("1.6.0", for: "2.x", on: Sample.day(8, 1), channel: "next"),
            ]
        },
        Case("withdrawn and late and elsewhere", gives: "yanked") {
            [
                try Sample.release(
                    "1.6.0", for: "2.x", on: Sample.day(8, 1), channel: "next", yanked: "x")
            ]
        },
        Case("late and elsewhere", gives: "channel-not-allowed") {
            [try Sample.release("1.6.0", for: "2.x", on: Sample.day(8, 1), channel: "next")]
        },
    ]

    @Test(arguments: byRange + byLockstep + byName + mismatches)
    func resolves(expected: Case) throws {
        let resolution = try resolve(expected, expected.releases())
        switch resolution {
        case .release(let release): #expect(release.version.description == expected.expected)
        case .mismatch(let mismatch):
            #expect(mismatch.reason.rawValue == expected.expected, "\(mismatch.explanation)")
            #expect(mismatch.explanation.hasSuffix("."))
            for name in expected.names {
                #expect(mismatch.explanation.contains(name), "\(name) in: \(mismatch.explanation)")
            }
        }
    }

    @Test(arguments: byRange + byLockstep + byName + mismatches)
    func orderOfTheReleasesDecidesNothing(expected: Case) throws {
        var generator = SeededGenerator(seed: 0x5E_0020)
        let first = try resolve(expected, expected.releases())
        for _ in 0..<10 {
            #expect(try resolve(expected, expected.releases().shuffled(using: &generator)) == first)
        }
    }

    @Test func neverPicksWhatTheLicenseDoesNotCover() throws {
        var generator = SeededGenerator(seed: 0x5E_0021)
        let rules: [SelectionRule] = [.range, .lockstep, .newest(channel: "next")]
        let applications = ["2.0.0", "2.1.0-beta.1", "2.1.0-alpha.2.20260801", "3.0.0"]
        for _ in 0..<2_000 {
            let releases = try (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                try Sample.release(
                    "\(Int.random(in: 1...3, using: &generator)).\(Int.random(in: 0...2, using: &generator)).0",
                    for: [nil, "^2.0.0", "2.x || 3.x"].randomElement(using: &generator) ?? nil,
                    on: Sample.day(Int.random(in: 1...12, using: &generator), 1),
                    channel: ["latest", "next"].randomElement(using: &generator) ?? "latest",
                    yanked: [nil, nil, "bad"].randomElement(using: &generator) ?? nil)
            }
            let coverage = Coverage(
                updatesUntil: Sample.day(Int.random(in: 1...12, using: &generator), 1),
                channels: [["latest"], ["latest", "next"]].randomElement(using: &generator) ?? [])
            let installed = Bool.random(using: &generator) ? releases.first?.version : nil
            let resolution = resolveRelease(
                of: try PackageName(Sample.name), among: releases, coverage: coverage,
                application: try ApplicationVersion(
                    applications.randomElement(using: &generator) ?? "2.0.0"),
                installed: installed, rule: rules.randomElement(using: &generator) ?? .range)
            guard case .release(let release) = resolution else { continue }
            #expect(coverage.refusals(of: release, installed: installed).isEmpty)
        }
    }

    @Test func everyReasonHasItsCode() {
        for reason in MismatchReason.allCases {
            #expect(reason.code.name == "mismatch.\(reason.rawValue)")
        }
    }

    private func resolve(_ expected: Case, _ releases: [Release]) throws -> Resolution {
        resolveRelease(
            of: try PackageName(Sample.name), among: releases,
            coverage: Coverage(updatesUntil: expected.updatesUntil, channels: expected.channels),
            application: try ApplicationVersion(expected.application),
            installed: try expected.installed.map { try SemanticVersion($0) }, rule: expected.rule)
    }
}
