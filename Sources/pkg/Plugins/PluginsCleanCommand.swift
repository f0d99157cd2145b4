import ArgumentParser
import CanonicalJSON
import CustomerCommand
import Diagnostics
import Fetcher
import FoundationEssentials
import TerminalOutput

/// `pkg plugins clean`.
struct PluginsCleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Deletes what is kept beside the installed plugins.",
        discussion: """
            Replaced releases, removed plugins, changed folders, broken and unfinished files: what \
            rollback and restore would bring back. The installed plugins are not touched.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "Only what was set aside more than that many days ago.")
    var olderThan: Int?

    @Flag(help: "Say what would be deleted, and delete nothing.")
    var dryRun = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard olderThan.map({ (0...36_500).contains($0) }) ?? true else {
            throw ValidationError("--older-than is a number of days.")
        }
    }

    func run() async throws {
        try await reportingFailures(asJSON: json) {
            let storage = try common.settings().storage
            let limit = Date.now - TimeInterval(olderThan ?? 0) * 86_400
            let leftovers: Leftovers
            if dryRun {
                leftovers = try await StorageLock.share(storage) {
                    try Leftovers(in: storage, before: limit)
                }
            } else {
                leftovers = try await StorageLock.hold(storage) {
                    // What a killed run left half done may need them.
                    if let failure = try Installer(storage).recover().failures.first {
                        throw failure
                    }
                    let leftovers = try Leftovers(in: storage, before: limit)
                    try leftovers.delete()
                    return leftovers
                }
            }
            show(leftovers)
        }
    }

    private func show(_ leftovers: Leftovers) {
        if json { return Terminal.print(leftovers.json(isDryRun: dryRun)) }
        let sums = Leftovers.Kind.allCases.map { (kind: $0, sum: leftovers.sum(of: $0)) }
            .filter { $0.sum.count > 0 }
        if !sums.isEmpty {
            Terminal.print(
                TextTable(
                    ["KIND", "COUNT", "SIZE"],
                    sums.map {
                        [$0.kind.rawValue, "\($0.sum.count)", "\(ByteCount($0.sum.bytes))"]
                    }))
        }
        for hold in leftovers.holds { Terminal.note("\(hold)") }
        let verb = dryRun ? "would be deleted" : "deleted"
        Terminal.print("\(ByteCount(leftovers.bytes)) \(verb)")
    }
}
