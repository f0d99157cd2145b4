import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import Packages
import SystemPackage
import TerminalOutput

/// `pkg plugins verify`.
struct PluginsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares every installed file, byte for byte, with what was verified.",
        discussion: "Exit code 6 when a file was changed, removed or added.")

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let storage = try common.settings().storage
            // What a run is just exchanging would seem changed.
            let inventory = try await StorageLock.share(storage) {
                try Inventory(of: storage, byContent: true)
            }
            if json {
                Terminal.print(inventory.json)
            } else {
                let rows = inventory.lines.filter(\.isInstalled).map { line in
                    [line.name.description, line.installed?.description ?? "-", line.condition]
                }
                Terminal.print(TextTable(["PLUGIN", "INSTALLED", "CONDITION"], rows))
            }
            let modified = inventory.lines.filter { $0.isInstalled && !$0.isIntact }
            guard modified.isEmpty else {
                let names = modified.map(\.name.description).joined(separator: ", ")
                let paths = modified.compactMap(\.inTheWay).map(\.string)
                throw DiskError(
                    .modifiedOnDisk, "\(names): the files are not what was installed.",
                    remedy: paths.isEmpty
                        ? nil
                        : "Move \(paths.joined(separator: ", ")) aside, then run `pkg download-pro`."
                )
            }
        }
    }
}
