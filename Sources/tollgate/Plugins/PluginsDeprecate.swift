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

        func validate() throws {
            guard !message.unicodeScalars.contains(where: \.isUnprintable) else {
                throw ValidationError("Say it in one line: customers read it.")
            }
        }

        func run() async throws {
            let vendor = try release.data.openVendor()
            let (name, version) = try release.read()
            try await vendor.records.releases.deprecate(
                name, [version: message.isEmpty ? nil : message], by: DataFolderOption.actor,
                at: Date())
            try await vendor.signMetadata()
            Terminal.print(
                message.isEmpty
                    ? "\(name)@\(version) is no longer deprecated" : "deprecated \(name)@\(version)"
            )
        }
    }
}
