import ArgumentParser
import CanonicalJSON
import Diagnostics
import Gateway
import Packages
import Storage
import TerminalOutput

extension Plugins {
    /// `tollgate plugins list`: every plugin with its newest release.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the plugins.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let vendor = try data.openVendor()
            var plugins: [(name: PackageName, releases: [Release])] = []
            for name in try await vendor.records.releases.plugins() {
                let releases = try await vendor.records.releases.releases(of: name).map(\.release)
                if !releases.isEmpty { plugins.append((name, releases)) }
            }
            if json {
                Terminal.print(
                    .array(
                        plugins.map { plugin in
                            [
                                "name": .string(plugin.name.description),
                                "versions": .array(
                                    plugin.releases.map { .string($0.version.description) }),
                            ]
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    ["PLUGIN", "RELEASES", "NEWEST"],
                    plugins.map { plugin in
                        [
                            plugin.name.description, "\(plugin.releases.count)",
                            plugin.releases.last?.version.description ?? "",
                        ]
                    }))
        }
    }
}
