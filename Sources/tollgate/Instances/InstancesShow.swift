import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Storage
import TerminalOutput

extension Instances {
    /// `tollgate instances show`: one instance with each license that it holds or held.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an instance: where it runs, its plugins, mismatches, seats, history.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The Instance ID (ti_…) or an installation's ID (ins_…).")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let vendor = try data.openVendor()
            let now = vendor.now()
            let instance = (try? InstanceID(id))?.description ?? id
            let installations = try await vendor.records.installations.all()
                .filter { $0.instance == instance || $0.id == id }
            guard !installations.isEmpty else {
                throw StorageError(
                    .recordNotFound, "There is no instance \(id).",
                    remedy: "List what there is with `tollgate instances list --all`.")
            }
            var shown: [JSONValue] = []
            for installation in installations {
                let license = try await vendor.records.licenses.license(id: installation.license)
                let changes = try await vendor.records.audit.entries(about: installation.license)
                    .filter { $0.isAbout(installation) }
                if json {
                    var members = installation.shown(in: license, at: now).object ?? [:]
                    members["account"] = license.map { .string($0.account.name) }
                    members["changes"] = .array(changes.map(\.shown))
                    shown.append(.object(members))
                } else {
                    Terminal.print(
                        TextTable(
                            ["instance", installation.instance],
                            installation.rows(of: license, changes, at: now)))
                }
            }
            if json { Terminal.print(.array(shown)) }
        }
    }
}

extension InstallationRecord {
    fileprivate func rows(
        of license: LicenseRecord?, _ changes: [AuditEntry], at now: Date
    ) -> [[String]] {
        let zone = license?.terms.zone ?? .gmt
        var rows = [
            ["license", "\(self.license) of \(license?.account.name ?? "")"], ["installation", id],
            ["registered", registered.shown(in: zone)],
            ["last check-in", facts == nil ? "never" : lastCheckIn.shown(in: zone)],
        ]
        rows += flags(in: license, at: now).map { ["flag", $0] }
        rows += [
            ("application", applicationVersion), ("pkg", pkgVersion),
            ("platform", environment?["platform"]?.string),
        ].compactMap { name, value in value.map { [name, $0] } }
        rows += (environment?["domains"]?.array ?? []).compactMap(\.string).map { ["domain", $0] }
        rows += factNames.map { ["fact", $0] }
        if let seats {
            let limit = license?.terms.limits["seats"].map { " of \($0)" } ?? ""
            rows.append(["seats", "\(seats)\(limit)"])
        }
        rows += (report?["plugins"]?.array ?? []).map {
            ["plugin", "\($0["name"]?.string ?? "") \($0["version"]?.string ?? "")"]
        }
        rows += (report?["mismatches"]?.array ?? []).map {
            ["mismatch", "\($0["name"]?.string ?? ""): \($0["reason"]?.string ?? "")"]
        }
        rows += changes.map {
            ["change", "\($0.at.shown(in: zone)) \($0.action) by \($0.actor)"]
        }
        return rows
    }
}
