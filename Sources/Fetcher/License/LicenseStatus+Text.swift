import Diagnostics
import FoundationEssentials
package import Licensing

extension LicenseStatus {
    /// The status for people.
    package var text: String {
        var lines = [
            "License: \(state.rawValue)\(until.map { " until \($0.ISO8601Format())" } ?? "")"
        ]
        for standing in standings {
            let claims = standing.claims
            let term = claims.termEnds.map { "term ends \($0.ISO8601Format())" } ?? "perpetual"
            let account = claims.account.map { ", \($0.name)" } ?? ""
            lines.append(
                "  \(claims.licenseID) (\(claims.mode.rawValue)\(account)): "
                    + "\(standing.state.rawValue), \(term)")
        }
        for plugin in entitlements.plugins {
            let updates = plugin.updatesUntil.map { ", updates until \($0.ISO8601Format())" } ?? ""
            lines.append("  \(plugin.name)\(updates)\(plugin.isPaused ? ", paused" : "")")
        }
        lines += warnings.map { "warning: \($0.code.name): \($0.message)" }
        return lines.joined(separator: "\n")
    }
}
