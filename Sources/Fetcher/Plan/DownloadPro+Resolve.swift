import CanonicalJSON
import FoundationEssentials
import Licensing
import Packages
import SystemPackage

/// Step 4: what the plan is made from.
extension DownloadPro {
    func resolve(
        _ license: CurrentLicense, _ vendor: TrustedVendor, _ report: inout Report
    ) async throws -> Plan {
        let application = try applicationVersion(vendor.profile)
        report.applicationVersion = application.description
        let installed = try installedPlugins()
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
                    coverage: Coverage(
                        updatesUntil: plugin.updatesUntil,
                        channels: plugin.channels ?? [Release.latestChannel]),
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
                removalsRefused: removalsRefused(license.status)))
    }

    /// Every plugin with a receipt, compared with its files.
    func installedPlugins() throws -> [InstalledPlugin] {
        try ReceiptStore(in: settings.storage.receipts).all().map { receipt in
            InstalledPlugin(
                receipt: receipt,
                condition: try receipt.condition(in: settings.storage.plugin(receipt.name)))
        }
    }

    /// What stands where a plugin belongs, without a receipt of ours.
    private func unmanagedPlugins(
        _ names: [PackageName], _ installed: [InstalledPlugin]
    ) throws -> [PackageName: PlanInputs.Unmanaged] {
        let managed = Set(installed.map(\.receipt.name))
        var unmanaged: [PackageName: PlanInputs.Unmanaged] = [:]
        for name in names where !managed.contains(name) {
            let folder = settings.storage.plugin(name)
            guard try Disk.status(folder) != nil else { continue }
            unmanaged[name] = try version(in: folder).map { .version($0) } ?? .unreadable
        }
        return unmanaged
    }

    /// The version that a folder's `package.json` names, or nil.
    private func version(in folder: FilePath) throws -> SemanticVersion? {
        guard try Disk.status(folder)?.isFolder == true,
            let bytes = try Disk.read(folder.appending("package.json"), maximumBytes: 1 << 20),
            let text = (try? parseJSON(bytes))?["version"]?.string
        else { return nil }
        return try? SemanticVersion(text)
    }

    /// The application's version: as somebody said, else from the `package.json` of the host
    /// package that the vendor names.
    private func applicationVersion(_ vendor: VendorProfile) throws -> ApplicationVersion {
        if let text = settings.applicationVersion { return try ApplicationVersion(text) }
        guard let host = vendor.hostPackage else {
            throw UsageError(
                "The application's version is not set, and the vendor names no host package.",
                remedy: "Set TOLLGATE_APP_VERSION or pass --app-version.")
        }
        let folder = FilePath("node_modules").appending(host.pathComponents)
        guard let version = try version(in: folder) else {
            throw UsageError(
                "The application's version is not set, and \(folder)/package.json names none.",
                remedy: "Set TOLLGATE_APP_VERSION or pass --app-version.")
        }
        return try ApplicationVersion(version.description)
    }

    /// Why nothing may be removed: only a verified license that is in force and still lists plugins
    /// says that one is gone.
    private func removalsRefused(_ license: LicenseStatus) -> String? {
        if license.entitlements.plugins.isEmpty {
            return "the license lists no plugin at all, so nothing is removed"
        }
        return license.permitsRemovals
            ? nil : "a license is paused or invalid, so nothing is removed"
    }
}
