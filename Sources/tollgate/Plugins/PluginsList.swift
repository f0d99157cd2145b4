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
            var plugins: [Listed] = []
            for name in try await vendor.records.releases.allPlugins() {
                let releases = try await vendor.records.releases.allReleases(of: name)
                if !releases.isEmpty { plugins.append(Listed(name: name, releases: releases)) }
            }
            if json {
                Terminal.print(
                    .array(
                        plugins.map { plugin in
                            [
                                "name": .string(plugin.name.description),
                                "versions": plugin.versions(.published),
                                "awaiting_signature": plugin.versions(.awaitingSignature),
                            ]
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    ["PLUGIN", "RELEASES", "NEWEST", "AWAITING SIGNATURE"],
                    plugins.map { plugin in
                        [
                            plugin.name.description, "\(plugin.in(.published).count)",
                            plugin.in(.published).last?.release.version.description ?? "",
                            plugin.in(.awaitingSignature).map(\.release.version.description)
                                .joined(separator: ", "),
                        ]
                    }))
        }

        private struct Listed {
            let name: PackageName
            let releases: [ReleaseRecord]

            func `in`(_ state: ReleaseRecord.State) -> [ReleaseRecord] {
                releases.filter { $0.state == state }
            }

            func versions(_ state: ReleaseRecord.State) -> JSONValue {
                .array(self.in(state).map { .string($0.release.version.description) })
            }
        }
    }
}
