import ArgumentParser
import CanonicalJSON
import Diagnostics
import Gateway
import Packages
import Storage
import TerminalOutput

extension Advisories {
    /// `tollgate advisories list`: those that stand.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the advisories.")

        @OptionGroup var data: DataFolderOption

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let advisories = try await data.openVendor().records.advisories.current()
            if json {
                Terminal.print(
                    .array(
                        advisories.map { number, advisory in
                            [
                                "number": .integer(number),
                                "plugin": .string(advisory.plugin.description),
                                "versions": .string(advisory.vulnerable.text),
                                "severity": .string(advisory.severity.rawValue),
                                "title": .string(advisory.title), "url": .string(advisory.url),
                            ]
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    ["NUMBER", "PLUGIN", "VERSIONS", "SEVERITY", "TITLE"],
                    advisories.map { number, advisory in
                        [
                            "\(number)", advisory.plugin.description, advisory.vulnerable.text,
                            advisory.severity.rawValue, advisory.title,
                        ]
                    }))
        }
    }
}
