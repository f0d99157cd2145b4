import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins deprecate`: advises against a release, or no longer.
    struct Deprecate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Advise against a release: it still installs, with a warning.")

        @OptionGroup var release: ReleaseArgument

        @Option(help: "What customers should do; the empty text takes the advice back.")
        var message: String

        func run() async throws {
            let vendor = try release.data.openVendor()
            let (name, version) = try release.read()
            try await vendor.records.releases.deprecate(
                name, [version: message], by: DataFolderOption.actor, at: Date())
            try await vendor.signMetadata()
            Terminal.print(
                message.allSatisfy(\.isWhitespace)
                    ? "\(name)@\(version) is no longer deprecated" : "deprecated \(name)@\(version)"
            )
        }
    }
}
