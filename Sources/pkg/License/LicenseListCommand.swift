import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import TerminalOutput

/// `pkg license list`.
struct LicenseListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists every license here, also those that ended or wait for their day.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let session = try await LicenseSession(try common.settings(), now: .now)
            let licenses = try session.licenses()
            if json {
                Terminal.print(["schema": 1, "licenses": .array(licenses.map(\.json))])
            } else if licenses.isEmpty {
                Terminal.note("No license is set or saved. `pkg license add` adds one.")
            } else {
                Terminal.print(
                    TextTable(
                        ["LICENSE", "MODE", "STATE", "TERM ENDS", "ACCOUNT", "PLAN", "FROM"],
                        licenses.map(\.row)))
            }
            for notice in try session.notices() { Terminal.note("warning: \(notice)") }
        }
    }
}

extension LicenseSession.Entry {
    fileprivate var row: [String] {
        let claims = standing?.claims
        return [
            claims?.licenseID ?? key ?? "", claims?.mode.rawValue ?? "", state,
            claims.map { $0.termEnds?.wireText ?? "never" } ?? "", claims?.account?.name ?? "",
            claims?.plan ?? "", source.rawValue,
        ]
    }
}
