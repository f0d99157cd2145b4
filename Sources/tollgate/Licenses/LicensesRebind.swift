import ArgumentParser
import Gateway
import Licensing
import Storage

extension Licenses {
    /// `tollgate licenses rebind`: to another instance, or free for the next.
    struct Rebind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bind a license to another instance, or free it for the next activation.",
            discussion: """
                It does not count as one of the customer's own moves (`pkg license rebind`). \
                Without --instance the next instance that activates the license gets it.
                """)

        @OptionGroup var license: LicenseArgument

        @Option(
            name: .customLong("instance"),
            help: "The Instance ID that holds it from now on; an offline license may have several.")
        var instances: [InstanceID] = []

        @Option(
            help: """
                For how many days the instance that is left may still use it; without it, as the \
                license says, and 0 when the license is freed.
                """)
        var windowDays: Int?

        func validate() throws {
            guard (0...RebindingPolicy.maximumWindowDays).contains(windowDays ?? 0) else {
                throw ValidationError("A window is 0 to \(RebindingPolicy.maximumWindowDays) days.")
            }
        }

        func run() async throws {
            let vendor = try license.data.openVendor()
            let bindings = try await vendor.rebindLicense(
                license.id, to: instances, windowDays: windowDays ?? (instances.isEmpty ? 0 : nil),
                by: DataFolderOption.actor)
            let zone = bindings.license.terms.zone
            let bound = bindings.installations.map { installation in
                let until = installation.validUntil.map { ", until \($0.shown(in: zone))" } ?? ""
                return "\n  \(installation.instance)\(until)"
            }
            try await license.show(
                bindings.license,
                bound.isEmpty
                    ? "license \(license.id) is bound to no instance"
                    : "license \(license.id) is bound to" + bound.joined(), of: vendor)
        }
    }

    /// `tollgate licenses token`: a fresh token of an offline license.
    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a fresh token of an offline license.",
            discussion: "tollgate licenses token ID > license.jwt")

        @OptionGroup var license: LicenseArgument

        func run() async throws {
            let vendor = try license.data.openVendor()
            let bindings = try await vendor.records.installations.bindings(
                of: license.id, at: vendor.now())
            let record = bindings.license
            guard record.terms.mode == .offline else {
                // Says that it has none.
                _ = try await vendor.offlineToken(of: license.id)
                return
            }
            try await license.show(
                record, "license \(record.id) of \(record.account.name)", of: vendor)
        }
    }
}
