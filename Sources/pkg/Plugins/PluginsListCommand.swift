import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import Packages
import TerminalOutput

/// `pkg plugins list`.
struct PluginsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the plugins that pkg installed, and those it set aside.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let storage = try common.settings().storage
            for path in try storage.misplaced() {
                Terminal.note(
                    "warning: \(path) is not what pkg left there; `pkg download-pro` mends it")
            }
            let inventory = try Inventory(of: storage)
            if json {
                Terminal.print(inventory.json)
                return
            }
            let rows = inventory.lines.map { line in
                // Of one that is set aside, what was installed is the one before.
                let (installed, previous) =
                    line.isInstalled ? (line.installed, line.previous) : (nil, line.installed)
                return [
                    line.name.description, installed?.description ?? "-",
                    previous?.description ?? "-",
                    [line.condition, line.hold.map { "rolled back from \($0.origin)" }]
                        .compactMap(\.self).joined(separator: "; "),
                ]
            }
            Terminal.print(TextTable(["PLUGIN", "INSTALLED", "PREVIOUS", "CONDITION"], rows))
        }
    }
}
