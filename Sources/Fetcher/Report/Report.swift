package import Diagnostics
package import FoundationEssentials
package import Licensing
package import Packages
package import SignedMetadata
package import SystemPackage

/// What a run did, for people as a table and for programs as JSON.
package struct Report: Sendable {
    /// One plugin's line.
    package struct Row: Sendable {
        /// What was done, or would be with `--dry-run`.
        package enum Outcome: String, Sendable {
            case current
            case install
            case update
            case downgrade
            case repair
            case adopt
            case remove
            /// Nothing: not ours, or the run stopped before it came to that.
            case leave
            /// Nothing: the release that is wanted is not installed.
            case mismatch

            /// Whether something was done.
            var isChange: Bool {
                switch self {
                case .install, .update, .downgrade, .repair, .adopt, .remove: true
                case .current, .leave, .mismatch: false
                }
            }
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
        /// The release that is nearest where none fits.
        package let nearest: SemanticVersion?
        /// How many bytes are still to be downloaded, in a dry run.
        package let downloadBytes: Int64

        package init(
            name: PackageName, installed: SemanticVersion?, wanted: SemanticVersion?,
            outcome: Outcome, mismatch: MismatchReason?, explanation: String,
            failure: (any Failure)?, nearest: SemanticVersion? = nil, downloadBytes: Int64 = 0
        ) {
            self.name = name
            self.installed = installed
            self.wanted = wanted
            self.outcome = outcome
            self.mismatch = mismatch
            self.explanation = explanation
            self.failure = failure
            self.nearest = nearest
            self.downloadBytes = downloadBytes
        }

        /// Whether nothing is, was or would be changed, and nothing is amiss.
        package var isAsWanted: Bool {
            mismatch == nil && (outcome == .current || outcome == .leave)
        }
    }

    package let started: Date
    /// What the run's lines in the log have.
    package var run: String?
    package var seconds: Double = 0
    package var isDryRun = false
    /// Whether mismatches are the exit code.
    package var isStrict = false
    package var applicationVersion: String?
    package var instanceID: String?
    package var license: LicenseStatus?
    /// The bundle that stood in the gateway's place; nil: none.
    package var bundle: (path: FilePath, statement: SnapshotStatement)?
    /// What was to be done; nil when the run stopped before there was a plan.
    package var plan: Plan?
    package var rows: [Row] = []
    /// What stopped the run or a part of it.
    package var failures: [any Failure] = []
    package var notices: [String] = []
    package var requests = 0
    package var bytesReceived: Int64 = 0
    package var requestIDs: [String] = []
    /// The signal that ended the run before it was done.
    package var endSignal: EndSignal?

    package init(started: Date) {
        self.started = started
    }

    /// How many bytes a run would download, all plugins together; of a dry run.
    package var downloadBytes: Int64 { rows.reduce(0) { $0 + $1.downloadBytes } }

    package var hasMismatches: Bool { rows.contains { $0.mismatch != nil } }

    /// How `pkg download-pro` ends.
    ///
    /// Verification before the disk before the license before the network: the entrypoint may
    /// forgive the last two.
    package var exitStatus: ExitStatus {
        if let endSignal { return endSignal.exitStatus }
        let statuses =
            failures.map(\.code.exitStatus) + rows.compactMap { $0.failure?.code.exitStatus }
        if let status = ExitStatus.worst(of: statuses) { return status }
        return isStrict && hasMismatches ? .mismatches : .success
    }
}

extension ExitStatus {
    /// That of several failures which ends the program; nil when there is none.
    static func worst(of statuses: [ExitStatus]) -> ExitStatus? {
        let worst: [ExitStatus] = [.unexpected, .verification, .local, .license, .network, .usage]
        return worst.first(where: statuses.contains)
    }
}
