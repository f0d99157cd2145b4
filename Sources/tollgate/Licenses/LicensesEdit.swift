import ArgumentParser
import Diagnostics
import Gateway
import Packages
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses edit`: changes what a license grants.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a license's plugins and seats.",
            discussion: "An instance learns of it at its next check-in (`pkg license refresh`).")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        @Option(
            name: .customLong("add-plugin"),
            help: "A plugin to add, or whose update period to set: @acme/x or @acme/x@2026-12-31.")
        var added: [String] = []

        @Option(name: .customLong("remove-plugin"), help: "A plugin to take away.")
        var removed: [String] = []

        @Option(help: "How many users may be active.")
        var seats: Int64?

        func run() async throws {
            let vendor = try data.openVendor()
            let added = try added.map { try GrantArgument($0) }
            try await vendor.checkPublished(added.map(\.plugin.description))
            let license = try await vendor.changeLicense(
                id, as: "license.edit", by: DataFolderOption.actor
            ) { [id, removed, seats] terms in
                let zone = try timeZone(terms.timezone)
                for name in removed {
                    guard terms.grant(for: name) != nil else {
                        throw StorageError(
                            .recordNotFound, "The license \(id) has no plugin \(name).")
                    }
                    terms.grants.removeAll { $0.plugin == name }
                }
                for argument in added {
                    let grant = try argument.grant(in: zone)
                    terms.grants.removeAll { $0.plugin == grant.plugin }
                    terms.grants.append(grant)
                }
                if let seats { terms.limits["seats"] = seats }
            }
            Terminal.print("license \(license.id) is at sequence \(license.sequence)")
        }
    }
}
