import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Storage
import TerminalOutput

extension Instances {
    /// `tollgate instances list`: every instance that holds a license, in a line.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the instances, the one heard of last first.")

        @OptionGroup var data: DataFolderOption

        @Option(help: "Only the instances of this license.")
        var license: String?

        @Flag(help: "Those too that hold no license any more.")
        var all = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let vendor = try data.openVendor()
            let now = vendor.now()
            let licenses = Dictionary(
                try await vendor.records.licenses.all().map { ($0.id, $0) }
            ) { $1 }
            if let license, licenses[license] == nil {
                throw StorageError(.recordNotFound, "There is no license \(license).")
            }
            let installations = try await vendor.records.installations.all(of: license)
                .filter { all || $0.isCurrent(at: now) }
            if json {
                Terminal.print(
                    .array(
                        installations.map { installation in
                            let license = licenses[installation.license]
                            var members =
                                installation.shown(in: license, at: now).object ?? [:]
                            members["account"] = license.map { .string($0.account.name) }
                            return .object(members)
                        }))
                return
            }
            Terminal.print(
                TextTable(
                    [
                        "INSTANCE", "LICENSE", "ACCOUNT", "LAST CHECK-IN", "APPLICATION", "PKG",
                        "FLAGS",
                    ],
                    installations.map { installation in
                        let license = licenses[installation.license]
                        return [
                            installation.instance, installation.license,
                            license?.account.name ?? "",
                            installation.facts == nil
                                ? "never"
                                : installation.lastCheckIn.shown(in: license?.terms.zone ?? .gmt),
                            installation.applicationVersion ?? "", installation.pkgVersion ?? "",
                            installation.flags(in: license, at: now).joined(separator: "; "),
                        ]
                    }))
        }
    }
}
