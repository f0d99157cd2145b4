package import CanonicalJSON
package import Diagnostics
package import FoundationEssentials
package import Packages

/// What a run did, for people as a table and for programs as JSON.
package struct Report: Sendable {
    /// One plugin's line.
    package struct Row: Sendable {
        package enum Outcome: String, Sendable {
            case current
            case installed
            case updated
            case downgraded
            case repaired
            case adopted
            case removed
            /// Planned, with `--dry-run`.
            case wouldInstall = "would install"
            case wouldUpdate = "would update"
            case wouldDowngrade = "would downgrade"
            case wouldRepair = "would repair"
            case wouldAdopt = "would adopt"
            case wouldRemove = "would remove"
            case leftAlone = "left alone"
            case mismatch
        }

        package let name: PackageName
        /// What is in place now.
        package let installed: SemanticVersion?
        /// What should be in place; nil when nothing fits.
        package let wanted: SemanticVersion?
        package let outcome: Outcome
        package let mismatch: MismatchReason?
        package let explanation: String
        /// What failed for this plugin alone.
        package let failure: (any Failure)?
    }

    package let started: Date
    package var seconds: Double = 0
    package var isDryRun = false
    /// Whether mismatches are the exit code.
    package var isStrict = false
    package var applicationVersion: String?
    package var instanceID: String?
    /// The license's status, as `pkg license status --json` prints it.
    package var license: JSONValue?
    package var rows: [Row] = []
    /// What stopped the run or a part of it, worst first.
    package var failures: [any Failure] = []
    package var notices: [String] = []
    package var requests = 0
    package var bytesReceived: Int64 = 0
    package var requestIDs: [String] = []

    package init(started: Date) {
        self.started = started
    }

    package var hasMismatches: Bool { rows.contains { $0.mismatch != nil } }

    /// How `pkg download-pro` ends.
    ///
    /// Verification before the disk before the license before the network: the entrypoint may
    /// forgive the last two.
    package var exitStatus: ExitStatus {
        let statuses =
            failures.map(\.code.exitStatus) + rows.compactMap { $0.failure?.code.exitStatus }
        let worst: [ExitStatus] = [.unexpected, .verification, .local, .license, .network, .usage]
        if let status = worst.first(where: statuses.contains) { return status }
        return isStrict && hasMismatches ? .mismatches : .success
    }

    /// `42 plugins: 38 current, 2 updated, 1 installed, 1 mismatch (0.4 s)`.
    package var summary: String {
        var counts: [(Row.Outcome, Int)] = []
        for row in rows {
            if let index = counts.firstIndex(where: { $0.0 == row.outcome }) {
                counts[index].1 += 1
            } else {
                counts.append((row.outcome, 1))
            }
        }
        let parts = counts.map { outcome, count in
            outcome == .mismatch && count > 1
                ? "\(count) mismatches" : "\(count) \(outcome.rawValue)"
        }
        let plugins = rows.count == 1 ? "1 plugin" : "\(rows.count) plugins"
        let list = parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
        return "\(plugins)\(list) (\(tenths(of: seconds)) s)"
    }

    private func tenths(of seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
