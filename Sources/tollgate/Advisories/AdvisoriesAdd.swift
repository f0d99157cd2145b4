import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Packages
import Storage
import TerminalOutput

extension Advisories {
    /// `tollgate advisories add`: one flaw of one plugin.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an advisory; prints its number.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The plugin, such as @acme/plugin-audit-log.")
        var plugin: String

        @Option(help: "Which releases have the flaw, such as \"<1.2.3\".")
        var versions: String

        @Option(help: "How bad it is: info, low, moderate, high or critical.")
        var severity: Advisory.Severity

        @Option(help: "What it is, in one line.")
        var title: String

        @Option(help: "Where more is said.")
        var url: String

        func validate() throws {
            guard (1...200).contains(title.utf8.count),
                !title.unicodeScalars.contains(where: \.isUnprintable)
            else {
                throw ValidationError("Say in one line what it is: customers read it.")
            }
            let host = url.split(separator: "://", maxSplits: 1).last ?? ""
            guard url.hasPrefix("https://") || url.hasPrefix("http://"), !host.isEmpty,
                url.utf8.count <= 500,
                !url.contains(where: \.isWhitespace),
                !url.unicodeScalars.contains(where: \.isUnprintable)
            else { throw ValidationError("--url is an address such as https://acme.example/1.") }
            guard !versions.allSatisfy(\.isWhitespace), (try? VersionRange(versions)) != nil else {
                throw ValidationError("--versions is a range such as <1.2.3, or * for all.")
            }
        }

        func run() async throws {
            let vendor = try data.openVendor()
            try await vendor.checkPublished([plugin])
            let number = try await vendor.records.advisories.add(
                Advisory(
                    plugin: try PackageName(plugin), title: title, severity: severity,
                    vulnerable: try VersionRange(versions), url: url),
                by: DataFolderOption.actor, at: Date())
            Terminal.print("advisory \(number)")
        }
    }
}

extension Advisory.Severity: ExpressibleByArgument {}
