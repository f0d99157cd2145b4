package import CanonicalJSON
import Diagnostics
package import FoundationEssentials
package import Licensing

/// How the license stands, for people and for programs.
extension LicenseSession {
    /// When a gateway last answered for one of the licenses; nil: never.
    package var lastCheckIn: Date? { state.memory.lastCheckIn }

    /// For `pkg license status`.
    package func text(of status: LicenseStatus) -> String {
        var lines = ["License: \(status.state.rawValue)\(until(status.until))"]
        lines.append("Instance ID: \(identity.id)")
        if let lastCheckIn = state.memory.lastCheckIn {
            lines.append("Last check-in: \(lastCheckIn.wireText)")
        }
        for standing in status.standings { lines += text(of: standing) }
        if let granted = status.entitlements.limits["seats"] {
            lines.append("Seats: \(status.seatsInUse.map { "\($0) of " } ?? "")\(granted)")
        }
        for plugin in status.entitlements.plugins {
            let updates = plugin.updatesUntil.map { ", updates until \($0.wireText)" } ?? ""
            lines.append("  \(plugin.name)\(updates)\(plugin.isPaused ? ", paused" : "")")
        }
        lines += status.warnings.map { "warning: \($0.code.name): \($0.message)" }
        return lines.joined(separator: "\n")
    }

    private func text(of standing: LicenseStanding) -> [String] {
        let claims = standing.claims
        let whose = [claims.account?.name, claims.plan].compactMap(\.self).joined(separator: ", ")
        var line = "  \(claims.licenseID) (\(claims.mode.rawValue)\(claims.trial ? ", trial" : ""))"
        line += ": \(standing.word)"
        var lines = [whose.isEmpty ? line : "\(line), \(whose)"]
        let term =
            claims.termEnds.map { "\($0 <= now ? "ended" : "ends") \($0.wireText)" }
            ?? "is perpetual"
        let begins = claims.notBefore.map { "begins \($0.wireText) and " } ?? ""
        let lease = claims.mode == .standard ? claims.expires : nil
        lines.append(
            "    the term \(begins)\(term)"
                + (lease.map { "; the token holds until \($0.wireText)" } ?? ""))
        if !claims.domains.isEmpty {
            lines.append("    for \(claims.domains.joined(separator: ", "))")
        }
        return lines
    }

    private func until(_ date: Date?) -> String {
        date.map { " until \($0.wireText)" } ?? ""
    }

    /// For `pkg license status --json`.
    package func json(of status: LicenseStatus) -> JSONValue {
        guard case .object(var json) = status.json else { return status.json }
        json["schema"] = 1
        json["instance_id"] = .string(identity.id.description)
        json["is_activated"] = .bool(isActivated)
        json["last_check_in"] = state.memory.lastCheckIn.map { .string($0.wireText) }
        let leases = status.standings.filter { $0.claims.mode == .standard }
            .compactMap(\.claims.expires)
        json["lease_ends"] = leases.max().map { .string($0.wireText) }
        return .object(json)
    }
}
