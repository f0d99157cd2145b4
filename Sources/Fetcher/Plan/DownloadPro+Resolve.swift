import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SystemPackage

/// Step 4: what the plan is made from.
extension DownloadPro {
    func resolve(
        _ license: CurrentLicense, _ vendor: TrustedVendor, _ installed: [InstalledPlugin],
        _ report: inout Report
    ) async throws -> Plan {
        let application = try settings.applicationVersion(of: vendor.profile)
        report.applicationVersion = application.description
        var entitled: [PlanInputs.Entitled] = []
        for plugin in license.status.entitlements.plugins {
            guard let name = try? PackageName(plugin.name) else {
                report.notices.append(
                    "The license names “\(plugin.name)”, which is no package name.")
                continue
            }
            entitled.append(
                PlanInputs.Entitled(
                    name: name,
                    coverage: Coverage(of: plugin.grants.map(\.coverage)),
                    isPaused: plugin.isPaused))
        }
        let releases = try await vendor.releases(of: entitled.map(\.name))
        return Plan(
            PlanInputs(
                applicationVersion: application, entitled: entitled, releases: releases,
                vendor: vendor.profile, installed: installed,
                unmanaged: try unmanagedPlugins(entitled.map(\.name), installed),
                downloadsRefused: license.status.permitsNewDownloads
                    ? nil
                    : "the license is \(license.status.state.rawValue): nothing new is downloaded",
                removalsRefused: license.removalsRefused,
                keptAway: try Installer(settings.storage).keptAway(),
                absent: Set(entitled.map(\.name).filter { releases[$0] == nil })))
    }

    /// Every plugin with a receipt, compared with its files: thousands of them, so all processors
    /// look.
    ///
    /// - Parameter keepsTimes: whether the times of files that were only touched are kept
    /// - Returns: the plugins in the order of their receipts' paths
    /// - Throws: ``DiskError``, CancellationError.
    func installedPlugins(keepingTimes keepsTimes: Bool) async throws -> [InstalledPlugin] {
        let paths = try ReceiptStore(in: settings.storage.receipts).paths()
        return try await WorkThreads().map(paths) { path in
            try ReceiptStore.read(path).map { try inspect($0, keepsTimes) }
        }.compactMap(\.self)
    }

    /// One plugin whose folder cannot be looked at does not stop the others.
    private func inspect(_ receipt: Receipt, _ keepsTimes: Bool) throws -> InstalledPlugin {
        let folder = settings.storage.plugin(receipt.name)
        do {
            let condition = try receipt.condition(in: folder)
            guard case .modified = condition else {
                return InstalledPlugin(receipt: receipt, condition: condition)
            }
            if let foreign = try receipt.foreignCondition(in: folder) {
                return InstalledPlugin(receipt: receipt, condition: foreign)
            }
            // Touched or copied, but byte for byte what was installed: only the times are new.
            if let same = try receipt.withTimesOfEqualFiles(in: folder) {
                let path = ReceiptStore(in: settings.storage.receipts).path(of: receipt.name)
                if keepsTimes { try ReceiptStore.write(same, to: path) }
                return InstalledPlugin(receipt: same, condition: .intact)
            }
            return InstalledPlugin(receipt: receipt, condition: condition)
        } catch {
            guard error.code == .diskPermission else { throw error }
            return InstalledPlugin(
                receipt: receipt, condition: .foreign("what may not be read", at: folder))
        }
    }

    /// What stands where a plugin belongs, without a receipt of ours.
    private func unmanagedPlugins(
        _ names: [PackageName], _ installed: [InstalledPlugin]
    ) throws -> [PackageName: PlanInputs.Unmanaged] {
        let managed = Set(installed.map(\.receipt.name))
        var unmanaged: [PackageName: PlanInputs.Unmanaged] = [:]
        let receipts = ReceiptStore(in: settings.storage.receipts)
        for name in names where !managed.contains(name) {
            let folder = settings.storage.plugin(name)
            guard try Disk.status(folder) != nil else { continue }
            // Another run has installed it since a dry run looked.
            if options.isDryRun, try receipts.receipt(of: name) != nil { continue }
            unmanaged[name] =
                try Disk.packageVersion(in: folder).map { .version($0) } ?? .unreadable
        }
        return unmanaged
    }
}
