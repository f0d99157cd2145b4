package import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Packages

extension Report {
    /// The report for programs; `schema` grows when a member changes its meaning or goes away.
    ///
    /// Also kept as `.pkg/report.json`.
    package var json: JSONValue {
        var json: JSONObject = [
            "schema": 1,
            "started": .string(started.ISO8601Format()),
            "seconds": .number((seconds * 1000).rounded() / 1000),
            "dry_run": .bool(isDryRun),
            "exit_status": .integer(Int64(exitStatus.rawValue)),
            "summary": .string(summary),
        ]
        json["application_version"] = applicationVersion.map { .string($0) }
        json["instance_id"] = instanceID.map { .string($0) }
        json["license"] = license
        json["plugins"] = .array(rows.map(\.json))
        json["failures"] = .array(failures.map { $0.json })
        json["notices"] = .array(notices.map { .string($0) })
        json["transfer"] = [
            "requests": .integer(Int64(requests)), "bytes_received": .integer(bytesReceived),
        ]
        json["request_ids"] = .array(requestIDs.map { .string($0) })
        return .object(json)
    }
}

extension Report.Row {
    fileprivate var json: JSONValue {
        var json: JSONObject = ["name": .string(name.description)]
        json["installed"] = installed.map { .string($0.description) } ?? .null
        json["wanted"] = wanted.map { .string($0.description) } ?? .null
        json["outcome"] = .string(outcome.rawValue.replacing(" ", with: "-"))
        json["mismatch"] = mismatch.map { .string($0.rawValue) } ?? .null
        json["why"] = .string(explanation)
        json["failure"] = failure.map { $0.json } ?? .null
        return .object(json)
    }
}

extension Failure {
    /// The failure for programs: code, title, message, remedy.
    package var json: JSONValue {
        [
            "code": .string(code.name),
            "title": .string(code.title),
            "message": .string(message),
            "remedy": .string(remedy),
        ]
    }
}
