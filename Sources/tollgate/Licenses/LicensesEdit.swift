import ArgumentParser
import Diagnostics
import Gateway
import Packages
import Storage

extension Licenses {
    /// `tollgate licenses edit`: changes what a license grants.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a license's plugins, features, limits, domains and policies.",
            discussion: """
                An instance learns of it at its next check-in (`pkg license refresh`); of an \
                offline license the new token is printed.
                """)

        @OptionGroup var license: LicenseArgument

        @Option(
            name: .customLong("add-plugin"),
            help: "A plugin to add, or whose update period to set: @acme/x or @acme/x@2026-12-31.")
        var added: [String] = []

        @Option(name: .customLong("remove-plugin"), help: "A plugin to take away.")
        var removed: [String] = []

        @OptionGroup var options: LicenseTermsOptions

        func run() async throws {
            let vendor = try license.data.openVendor()
            let added = try added.map { try GrantArgument($0) }
            try await vendor.checkPublished(added.map(\.plugin.description))
            let changed = try await vendor.changeLicense(
                license.id, as: "license.edit", by: DataFolderOption.actor
            ) { [id = license.id, removed, options] terms in
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
                try options.apply(to: &terms)
            }
            try await license.show(
                changed, "license \(changed.id) is at sequence \(changed.sequence)", of: vendor)
        }
    }
}
