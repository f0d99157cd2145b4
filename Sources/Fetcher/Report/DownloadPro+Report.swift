import CanonicalJSON
import Diagnostics
import Licensing
import Logging
import Packages

/// Step 7: what was done, kept for programs and printed for people by the caller.
extension DownloadPro {
    /// What a machine without a network has: the plugins stay as they are, and what is missing is
    /// said.
    func stay(
        with license: CurrentLicense, _ installed: [InstalledPlugin], _ report: inout Report
    ) {
        report.rows = rows(of: installed, because: "no network: it stays as it is")
        let names = Set(report.rows.map { "\($0.name)" })
        let missing = license.status.entitlements.plugins.map(\.name)
            .filter { !names.contains($0) }
        guard !missing.isEmpty else { return }
        report.notices.append(
            """
            Nothing is downloaded without a network. The license covers, and this machine does not \
            have: \(missing.joined(separator: ", ")).
            """)
    }

    /// Every installed plugin, when the run stopped before there was a plan.
    func addRowsOfInstalled(to report: inout Report) async {
        do {
            // In a task of its own, which no signal has cancelled; without changing a receipt,
            // because the lock may be another's.
            let installed = try await Task { try await installedPlugins(keepingTimes: false) }.value
            report.rows = rows(
                of: installed,
                because: "the run stopped before it came to that")
        } catch {
            report.add(error)
        }
    }

    private func rows(
        of installed: [InstalledPlugin], because explanation: String
    ) -> [Report.Row] {
        installed.map { plugin in
            let isIntact = plugin.condition == .intact
            return Report.Row(
                name: plugin.receipt.name, installed: plugin.receipt.version, wanted: nil,
                outcome: isIntact ? .leave : .mismatch,
                mismatch: isIntact ? nil : .modifiedOnDisk,
                explanation: isIntact ? explanation : "\(plugin.condition)", failure: nil)
        }.sorted { $0.name.description < $1.name.description }
    }

    /// Keeps the report as `.pkg/report.json`; a disk that is full does not make it a worse one.
    func save(_ report: Report) {
        do {
            // A flush takes as long as the rest of a start with nothing to do.
            try Disk.writeUnflushed(
                report.json.prettyBytes, to: settings.storage.report)
        } catch {
            log.warning("The report could not be kept: \(error)")
        }
    }
}

extension Report {
    mutating func add(_ error: any Error) {
        failures.append(anyFailure(error))
    }

    mutating func add(_ cost: GatewayClient.Cost) {
        requests += cost.requests
        bytesReceived += cost.bytesReceived
        requestIDs += cost.requestIDs
    }
}

extension Report.Row {
    /// What could not be done, and what is visible now: what was installed stays.
    init(_ item: PlanItem, heldBackBy failure: any Failure, visible: SemanticVersion?) {
        self.init(
            name: item.name, installed: visible, wanted: item.release?.version,
            outcome: .mismatch, mismatch: .heldBack,
            explanation: "\(failure.code.name): \(failure.message)", failure: failure)
    }

    /// What would be done.
    init(planned item: PlanItem, downloadBytes: Int64) {
        self.init(
            name: item.name, installed: item.installed, wanted: item.wanted,
            outcome: item.outcome, mismatch: item.mismatch?.reason, explanation: item.explanation,
            failure: nil, nearest: item.mismatch?.nearest, downloadBytes: downloadBytes)
    }

    /// What was done.
    init(_ item: PlanItem, wasAdopted: Bool) {
        if item.action == .adopt, !wasAdopted {
            self.init(
                name: item.name, installed: item.installed, wanted: item.release?.version,
                outcome: .mismatch, mismatch: .modifiedOnDisk,
                explanation:
                    "has no receipt and is not the signed release; left alone: move it aside "
                    + "to have the release installed",
                failure: nil)
            return
        }
        let isGone = item.action == .remove
        let now = item.needsTarball ? item.release?.version : item.installed
        self.init(
            name: item.name, installed: isGone ? nil : now, wanted: item.wanted,
            outcome: item.outcome, mismatch: item.mismatch?.reason, explanation: item.explanation,
            failure: nil, nearest: item.mismatch?.nearest)
    }
}

extension PlanItem {
    fileprivate var outcome: Report.Row.Outcome {
        switch action {
        case .current: .current
        case .install: .install
        case .update: .update
        case .downgrade: .downgrade
        case .repair: .repair
        case .adopt: .adopt
        case .remove: .remove
        case .leave: mismatch == nil ? .leave : .mismatch
        }
    }

    /// The version that should be in place; nil when nothing fits.
    fileprivate var wanted: SemanticVersion? {
        mismatch == nil ? release?.version : nil
    }
}
