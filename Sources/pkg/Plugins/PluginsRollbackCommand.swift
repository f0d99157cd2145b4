import ArgumentParser
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg plugins rollback NAME` and `pkg plugins rollback --all`.
struct PluginsRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Puts the release back that was installed before the last update.",
        discussion: """
            The release that is rolled back from is not installed again by itself; a newer one is. \
            Rolling back twice returns to it; where it is no longer kept, the next run installs it \
            again. With --all every plugin goes back to the last good \
            set: those that came with the last change are set aside, those that it removed come \
            back if the license has them.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The plugin's name, such as @acme/plugin-audit-log.")
    var name: String?

    @Flag(help: "All plugins, to the set that was there before the last change.")
    var all = false

    func validate() throws {
        guard (name == nil) == all else {
            throw ValidationError("Give a plugin's name, or --all.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let settings = try common.settings()
            let bringBack = BringBack(settings.storage)
            if let name {
                switch try await bringBack.rollBack(name) {
                case .isBack(let receipt):
                    Terminal.note("\(receipt.name) is back at \(receipt.version).")
                case .isReleased(let hold): Terminal.note(hold.ended)
                }
                return
            }
            let change = try await bringBack.rollBackAll {
                try await LicenseSession(settings, now: .now).refreshIfPossible()
            }
            for line in change.lines {
                switch (line.from, line.to) {
                case (let old, let new?):
                    let origin = old.map { " from \($0)" } ?? ""
                    Terminal.note("\(line.name) is back at \(new)\(origin).")
                case (_, nil): Terminal.note("\(line.name) is set aside.")
                }
            }
            guard change.missing.isEmpty else {
                let reasons = change.missing.map { "\($0.name): \($0.reason)" }
                throw DiskError(
                    .notRestorable,
                    "The others are back; not these: \(reasons.joined(separator: "; ")).",
                    remedy: change.missing.remedy)
            }
        }
    }
}
