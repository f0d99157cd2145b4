import ArgumentParser
import Diagnostics
import FoundationEssentials
import Gateway
import Storage

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
            let license = try await vendor.records.licenses.change(
                id, as: "license.edit", by: DataFolderOption.actor, at: Date()
            ) { [removed, seats] license in
                let zone = try timeZone(license.terms.timezone)
                for name in removed {
                    guard license.terms.grant(for: name) != nil else {
                        throw StorageError(
                            .recordNotFound, "The license \(license.id) has no plugin \(name).")
                    }
                    license.terms.grants.removeAll { $0.plugin == name }
                }
                for argument in added {
                    let grant = try argument.grant(in: zone)
                    license.terms.grants.removeAll { $0.plugin == grant.plugin }
                    license.terms.grants.append(grant)
                }
                if let seats { license.terms.limits["seats"] = seats }
            }
            Terminal.say("license \(license.id) is at sequence \(license.sequence)")
        }
    }
}
