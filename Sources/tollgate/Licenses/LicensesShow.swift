import ArgumentParser
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Gateway
import Licensing
import Storage
import TerminalOutput

extension Licenses {
    /// `tollgate licenses show`: one license with its instances and its changes.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a license: terms, plugins, instances, changes.")

        @OptionGroup var data: DataFolderOption

        @Argument(help: "The license's ID.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let vendor = try data.openVendor()
            let now = vendor.now()
            let bindings = try await vendor.records.installations.bindings(of: id, at: now)
            let license = bindings.license
            let changes = try await vendor.records.audit.entries(about: id)
            if json {
                var members = license.shown.object ?? [:]
                members["instances"] = .array(
                    bindings.installations.map { $0.shown(in: license, at: now) })
                members["changes"] = .array(changes.map(\.shown))
                Terminal.print(.object(members))
                return
            }
            let zone = license.terms.zone
            Terminal.print(
                TextTable(
                    ["license", license.id],
                    license.rows(at: now)
                        + bindings.installations.map {
                            ["instance", $0.line(in: license, at: now)]
                        }
                        + changes.map { change in
                            [
                                "change",
                                "\(change.at.shown(in: zone)) \(change.action) by \(change.actor)",
                            ]
                        }))
        }
    }
}

extension LicenseRecord {
    /// What it says, for people.
    fileprivate func rows(at now: Date) -> [[String]] {
        let zone = terms.zone
        let policy = terms.checkIn
        var rows = [
            ["account", account.name], ["status", statusShown(at: now)],
            ["mode", terms.mode.rawValue],
        ]
        if let begins = terms.begins { rows.append(["begins", begins.shown(in: zone)]) }
        rows += [["expires", terms.expiresShown], ["sequence", "\(sequence)"]]
        if terms.mode == .standard {
            rows.append([
                "check-in",
                "every \(policy.interval) s, after a failure \(policy.retry) s, lease \(policy.lease) s",
            ])
        }
        if terms.mode != .offline {
            let rebinding = terms.rebinding
            rows.append([
                "rebinds", "\(rebinding.perYear) a year, window \(rebinding.windowDays) days",
            ])
        }
        rows += terms.grants.map { grant in
            let until = grant.updatesUntil.map { " (updates until \($0.shown(in: zone)))" }
            return ["plugin", grant.plugin + (until ?? "")]
        }
        rows += terms.features.sorted { $0.key < $1.key }.map {
            ["feature", "\($0.key)=\($0.value)"]
        }
        rows += terms.limits.sorted { $0.key < $1.key }.map { ["limit", "\($0.key)=\($0.value)"] }
        rows += terms.domains.map { ["domain", $0] }
        return rows
    }
}

extension InstallationRecord {
    fileprivate func line(in license: LicenseRecord, at now: Date) -> String {
        let flags = flags(in: license, at: now)
        let heard =
            facts == nil
            ? "not heard of" : "last check-in \(lastCheckIn.shown(in: license.terms.zone))"
        return ([instance, heard] + flags).joined(separator: ", ")
    }
}
