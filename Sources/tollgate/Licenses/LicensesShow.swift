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
            let records = try data.openVendor().records
            guard let license = try await records.licenses.license(id: id) else {
                throw StorageError(.recordNotFound, "There is no license \(id).")
            }
            let instances = try await records.installations.current(of: id)
            let changes = try await records.audit.entries(about: id)
            var members = license.shown.object ?? [:]
            members["instances"] = .array(instances.map(\.shown))
            members["changes"] = .array(changes.map(\.shown))
            if json {
                Terminal.print(.object(members))
                return
            }
            Terminal.print(
                TextTable(
                    ["license", license.id],
                    [
                        ["account", license.account.name],
                        ["status", license.status.rawValue], ["mode", license.terms.mode.rawValue],
                        ["expires", license.terms.expires?.written ?? "never"],
                        ["sequence", "\(license.sequence)"],
                    ]
                        + license.terms.grants.map { grant in
                            let until = grant.updatesUntil.map { " (updates until \($0.written))" }
                            return ["plugin", grant.plugin + (until ?? "")]
                        }
                        + instances.map { instance in
                            [
                                "instance",
                                "\(instance.instance), last check-in \(instance.lastCheckIn.written)",
                            ]
                        }
                        + changes.map { change in
                            ["change", "\(change.at.written) \(change.action) by \(change.actor)"]
                        }))
        }
    }
}

extension InstallationRecord {
    fileprivate var shown: JSONValue {
        var members: JSONObject = [
            "installation": .string(id), "instance_id": .string(instance),
            "registered": .string(registered.written),
            "last_check_in": .string(lastCheckIn.written), "environment": environment,
        ]
        members["report"] = report
        return .object(members)
    }
}

extension AuditEntry {
    fileprivate var shown: JSONValue {
        [
            "at": .string(at.written), "actor": .string(actor.description),
            "action": .string(action), "detail": detail,
        ]
    }
}
