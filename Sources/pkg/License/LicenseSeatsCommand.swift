import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import TerminalOutput

/// `pkg license seats`.
struct LicenseSeatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seats",
        abstract: "Counts the users who take a seat, from a CSV or JSON file.",
        discussion: """
            CSV with the headings id, status, last_seen_at, or JSON rows with these members. Active \
            users who were seen in the last 90 days count. Only their number is kept, and told at \
            the next check-in.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The file with the users; “-” is standard input.")
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let settings = try common.settings()
            let now = Date.now
            let bytes = try InputFile(file).read(maximumBytes: Self.maximumBytes)
            let seats = SeatCount(try SeatRow.list(bytes), now: now)
            try await StorageLock.hold(settings.storage) {
                let session = try await LicenseSession(settings, now: now)
                try session.save(seats)
                let status = try? session.savedLicense().status
                let granted = status?.entitlements.limits["seats"]
                if json {
                    var object: JSONObject = [
                        "schema": 1, "active": .integer(seats.active),
                        "listed": .integer(seats.listed),
                    ]
                    object["granted"] = granted.map { .integer($0) }
                    Terminal.print(.object(object))
                } else {
                    let of = granted.map { " of \($0) seats" } ?? " seats"
                    Terminal.print("\(seats.active)\(of) in use (\(seats.listed) users listed)")
                }
                for warning in status?.warnings ?? [] where warning.code == .licenseSeatsExceeded {
                    Terminal.note("warning: \(warning.code.name): \(warning.message)")
                }
            }
        }
    }

    /// Lists up to here are read, in bytes.
    private static let maximumBytes = 256 << 20
}
