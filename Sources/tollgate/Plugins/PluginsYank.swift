import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins yank`: withdraws a release.
    struct Yank: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraw a release: no new installs; it stays where it runs.")

        @OptionGroup var release: ReleaseArgument

        @Option(help: "Why, for those who run it.")
        var reason: String

        func run() async throws {
            let vendor = try release.data.openVendor()
            let (name, version) = try release.read()
            let before = try await vendor.records.releases.yank(
                name, version, reason: reason, by: DataFolderOption.actor, at: Date())
            try await vendor.signMetadata()
            Terminal.print(
                before.map { "\(name)@\(version) was yanked before: \(printable($0))" }
                    ?? "yanked \(name)@\(version)")
            if vendor.settings.signing == .offline {
                Terminal.note(
                    "Installations learn of it once it is signed: `tollgate keys export-unsigned`.")
            }
        }
    }
}
