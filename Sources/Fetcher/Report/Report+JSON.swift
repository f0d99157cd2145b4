package import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata
import SystemPackage

extension Report {
    /// The report for programs; `schema` grows when a member changes its meaning or goes away.
    ///
    /// Also kept as `.pkg/report.json`.
    package var json: JSONValue {
        var json: JSONObject = [
            "schema": 1,
            "started": .string(started.wireText),
            "seconds": .number((seconds * 1000).rounded() / 1000),
            "dry_run": .bool(isDryRun),
            "exit_status": .integer(Int64(exitStatus.rawValue)),
            "summary": .string(summary),
        ]
        json["run"] = run.map { .string($0) }
        json["application_version"] = applicationVersion.map { .string($0) }
        json["instance_id"] = instanceID.map { .string($0) }
        json["license"] = license?.json
        json["bundle"] = bundle.map { path, statement in
            [
                "path": .string(path.string), "created": .string(statement.created.wireText),
                "expires": .string(statement.expires.wireText),
            ]
        }
        json["plan"] = plan?.json ?? .null
        json["plugins"] = .array(rows.map { $0.json(isDryRun) })
        json["totals"] = totals
        json["failures"] = .array(failures.map { JSONValue($0) })
        json["notices"] = .array(notices.map { .string($0) })
        json["transfer"] = [
            "requests": .integer(Int64(requests)), "bytes_received": .integer(bytesReceived),
        ]
        json["request_ids"] = .array(requestIDs.map { .string($0) })
        return .object(json)
    }
}

extension Report {
    /// What programs would otherwise have to count.
    private var totals: JSONValue {
        func count(_ isCounted: (Row) -> Bool) -> JSONValue {
            .integer(Int64(rows.count(where: isCounted)))
        }
        var json: JSONObject = [
            "plugins": .integer(Int64(rows.count)),
            "mismatches": count { $0.mismatch != nil },
            "changes": count { $0.changesDisk },
            "removals": count { $0.outcome == .remove },
        ]
        if isDryRun { json["download_bytes"] = .integer(downloadBytes) }
        return .object(json)
    }

    /// The mismatches in a report that was kept: the plugin's name and the reason.
    static func mismatches(in bytes: [UInt8]) -> [(name: String, reason: String)] {
        let rows = (try? parseJSON(bytes))?["plugins"]?.array ?? []
        return rows.compactMap { row in
            guard let name = row["name"]?.string, let reason = row["mismatch"]?.string else {
                return nil
            }
            return (name, reason)
        }
    }
}

extension Report.Row {
    fileprivate var changesDisk: Bool {
        switch outcome {
        case .install, .update, .downgrade, .repair, .adopt, .remove: true
        case .current, .leave, .mismatch: false
        }
    }

    fileprivate func json(_ isDryRun: Bool) -> JSONValue {
        var json: JSONObject = ["name": .string(name.description)]
        json["installed"] = installed.map { .string($0.description) } ?? .null
        json["wanted"] = wanted.map { .string($0.description) } ?? .null
        json["outcome"] = .string(outcome.rawValue)
        json["mismatch"] = mismatch.map { .string($0.rawValue) } ?? .null
        json["nearest"] = nearest.map { .string("\($0)") } ?? .null
        if isDryRun { json["download_bytes"] = .integer(downloadBytes) }
        json["why"] = .string(explanation)
        json["failure"] = failure.map { JSONValue($0) } ?? .null
        return .object(json)
    }
}
