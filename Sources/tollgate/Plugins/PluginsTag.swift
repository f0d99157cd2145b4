import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins tag`: points one of npm's dist-tags at a release.
    struct Tag: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Point a tag such as stable-2 at a release, for npm.",
            discussion: """
                The tag of a channel follows the channel's highest release by itself. Pointed at an \
                older one it stays there until a higher release than that is published on the channel.
                """)

        @OptionGroup var release: ReleaseArgument

        @Argument(help: "The tag.")
        var tag: String

        func run() async throws {
            let vendor = try release.data.openVendor()
            let (name, version) = try release.read()
            try await vendor.records.releases.setTag(
                try DistTag(tag), of: name, to: version, by: DataFolderOption.actor, at: Date())
            try await vendor.signMetadata()
            Terminal.print("\(tag) of \(name) is \(version)")
        }
    }
}
