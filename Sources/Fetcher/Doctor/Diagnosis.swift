package import CanonicalJSON
package import Diagnostics
import FoundationEssentials
import Licensing

/// What `pkg doctor` says, for people and for programs.
package struct Diagnosis: Sendable {
    let made: Date
    package let settings: [ResolvedSetting]
    package let findings: [Finding]
    package let instanceID: String?
    let seconds: Double

    /// Success when nothing failed, else that of the worst failure, as of a run.
    package var exitStatus: ExitStatus {
        let failed = findings.filter { $0.state == .failed }
        return ExitStatus.worst(of: failed.compactMap(\.failure?.code.exitStatus)) ?? .success
    }

    /// `14 ok, 1 warning, 1 failed, 3 not checked (0.2 s)`.
    package var summary: String {
        func count(_ state: Finding.State) -> Int { findings.count { $0.state == state } }
        let warnings = count(.warning)
        let tenths = Int((seconds * 10).rounded())
        return "\(count(.ok)) ok, \(warnings) \(warnings == 1 ? "warning" : "warnings"), "
            + "\(count(.failed)) failed, \(count(.notChecked)) not checked "
            + "(\(tenths / 10).\(tenths % 10) s)"
    }

    /// The settings as a table, the checks one after the other, what to do below what is wrong.
    package var text: String {
        let table = TextTable(
            ["SETTING", "VALUE", "FROM"],
            settings.map { [$0.name, $0.value, $0.source ?? "default"] })
        let checks = findings.map { finding in
            let word = finding.state.word.padded(to: 12)
            let check = finding.check.padded(to: 24)
            guard let failure = finding.failure else { return "\(word)\(check)\(finding.message)" }
            var lines = [
                "\(word)\(check)\(failure.code.name): \(failure.code.title)",
                "\(Self.indent)\(finding.message)",
            ]
            if let cause = failure.cause {
                lines.append("\(Self.indent)cause: \(printable("\(cause)"))")
            }
            lines.append("\(Self.indent)fix: \(failure.remedy)")
            return lines.joined(separator: "\n")
        }
        var last = summary
        if let instanceID { last += "\nInstance ID: \(instanceID)" }
        return maskingSecrets(
            "\(table.text)\n\n\(checks.joined(separator: "\n"))\n\n\(last)")
    }

    private static let indent = String(repeating: " ", count: 12)

    /// `schema` grows when a member changes its meaning or goes away.
    package var json: JSONValue {
        var json: JSONObject = [
            "schema": 1, "made": .string(made.wireText),
            "seconds": .number((seconds * 1000).rounded() / 1000),
            "exit_status": .integer(Int64(exitStatus.rawValue)), "summary": .string(summary),
        ]
        json["instance_id"] = instanceID.map { .string($0) }
        json["settings"] = .array(settings.map(\.json))
        json["checks"] = .array(findings.map(\.json))
        return .object(json)
    }
}

extension ResolvedSetting {
    /// For `pkg doctor --json`.
    package var json: JSONValue {
        var json: JSONObject = [
            "name": .string(name), "value": .string(value), "is_default": .bool(source == nil),
        ]
        json["source"] = source.map { .string($0) }
        return .object(json)
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "check": .string(check), "state": .string(state.rawValue), "message": .string(message),
        ]
        if let failure {
            json["code"] = .string(failure.code.name)
            json["title"] = .string(failure.code.title)
            json["remedy"] = .string(maskingSecrets(failure.remedy))
            json["cause"] = failure.cause.map { .string(maskingSecrets("\($0)")) }
        }
        return .object(json)
    }
}

extension Finding.State {
    /// In the first column: what failed is seen when eyes fly over it.
    fileprivate var word: String {
        switch self {
        case .ok: "ok"
        case .warning: "warning"
        case .failed: "FAILED"
        case .notChecked: "-"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
