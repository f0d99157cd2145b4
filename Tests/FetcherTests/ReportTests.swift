import Diagnostics
import Fetcher
import FoundationEssentials
import Packages
import Testing

@Suite struct ReportTests {
    struct Case: Sendable {
        let codes: [FailureCode]
        let expected: Diagnostics.ExitStatus
    }

    static let cases = [
        Case(codes: [], expected: .success),
        Case(codes: [.networkRefused], expected: .network),
        Case(codes: [.networkRefused, .licenseLeaseOver], expected: .license),
        Case(codes: [.licenseLeaseOver, .diskFull], expected: .local),
        Case(codes: [.diskFull, .trustHash, .networkRefused], expected: .verification),
        Case(codes: [.unexpected, .trustHash], expected: .unexpected),
        Case(codes: [.usage], expected: .usage),
    ]

    @Test(arguments: cases) func theWorstFailureIsTheExitCode(_ test: Case) {
        var report = Report(started: Date(timeIntervalSince1970: 0))
        report.failures = test.codes.map { DiskError($0, "of a test") }
        #expect(report.exitStatus == test.expected)
    }

    @Test func mismatchesAreTheExitCodeOnlyWhenStrict() throws {
        var report = Report(started: Date(timeIntervalSince1970: 0))
        report.rows = [
            Report.Row(
                name: try PackageName("@acme/a"), installed: nil, wanted: nil, outcome: .mismatch,
                mismatch: .notInRegistry, explanation: "of a test", failure: nil)
        ]
        #expect(report.exitStatus == .success)
        report.isStrict = true
        #expect(report.exitStatus == .mismatches)
        #expect(report.summary == "1 plugin: 1 mismatch (0.0 s)")
    }

    @Test(arguments: [40, 60, 80, 200]) func theTextFitsATerminal(width: Int) throws {
        var report = Report(started: Date(timeIntervalSince1970: 0))
        report.rows = try ["@acme/a", "@acme/plugin-with-a-name-of-many-words"].map { name in
            Report.Row(
                name: try PackageName(name), installed: nil, wanted: try SemanticVersion("1.0.0"),
                outcome: .mismatch, mismatch: .noReleaseForApplication,
                explanation: "No release of \(name) fits application 1.0.0. The nearest is 3.0.0.",
                failure: nil)
        }
        let text = report.text(for: TextLayout(width: width, hasColor: false))
        #expect(text.split(separator: "\n").allSatisfy { $0.columns <= width })
        // The reason is what people look for, wherever it has room.
        #expect(text.contains("no-release-for-application"))
        #expect(report.text().contains("mismatch: no-release-for-application\n"))
    }
}
