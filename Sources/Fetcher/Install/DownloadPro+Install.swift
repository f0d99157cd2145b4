import Diagnostics
import FoundationEssentials
import Logging
import Packages
import SystemPackage

/// Step 6: what was staged is put in place, what the license lost is set aside.
extension DownloadPro {
    /// How long removed plugins can be restored: 30 days.
    private static let keptRemoved: TimeInterval = 30 * 24 * 3_600

    /// Ends what a killed run left half done.
    func recover() throws {
        for name in try Installer(settings.storage).recover() {
            log.notice("Completed the change of \(name) that an earlier run had begun.")
        }
    }

    func install(_ plan: Plan, _ staged: StagedReleases) throws -> [Report.Row] {
        let installer = Installer(settings.storage)
        var staged = staged
        var entries: [Journal.Entry] = []
        var adopted: Set<PackageName> = []
        for item in plan.items {
            switch item.action {
            case .install, .update, .downgrade, .repair:
                guard staged.receipts[item.name] != nil else { continue }
                entries.append(Journal.Entry(name: item.name, change: .put(origin: nil)))
            case .remove:
                entries.append(Journal.Entry(name: item.name, change: .remove))
            case .adopt:
                guard let receipt = staged.receipts[item.name] else { continue }
                if try adopt(receipt) { adopted.insert(item.name) }
            case .current, .leave:
                continue
            }
        }
        for (name, failure) in try installer.install(entries, from: staged.staging) {
            staged.receipts[name] = nil
            staged.failures[name] = failure
        }
        let oldest = now.addingTimeInterval(-Self.keptRemoved).timeIntervalSince1970
        try installer.prune(removedBefore: Int64(oldest) * 1_000_000_000)
        return plan.items.map { item in
            Report.Row(
                item, failure: staged.failures[item.name],
                wasAdopted: adopted.contains(item.name))
        }
    }

    /// Writes a receipt for files that are byte for byte those of the signed release.
    ///
    /// - Returns: false when they are not; they are left alone then.
    private func adopt(_ signed: Receipt) throws -> Bool {
        let folder = settings.storage.plugin(signed.name)
        guard try signed.conditionByContent(in: folder) == .intact else { return false }
        var files: [Receipt.File] = []
        for file in signed.files {
            guard let status = try Disk.status(folder.appending(file.path)) else { return false }
            files.append(
                Receipt.File(
                    path: file.path, size: status.size, modified: status.modified,
                    sha512: file.sha512))
        }
        try ReceiptStore.write(
            Receipt(
                name: signed.name, version: signed.version, tarball: signed.tarball,
                installed: now, files: files),
            to: ReceiptStore(in: settings.storage.receipts).path(of: signed.name))
        return true
    }

    /// Keeps a symbolic link to each installed plugin where the application looks for packages.
    ///
    /// - Returns: Why links could not be made; the plugins themselves are installed.
    func link(_ plan: Plan) -> [any Failure] {
        guard let folder = settings.linkInto else { return [] }
        let links = PluginLinks(from: folder, to: settings.storage)
        var failures: [any Failure] = []
        for item in plan.items {
            do throws(DiskError) {
                if try Disk.status(settings.storage.plugin(item.name)) == nil {
                    try links.remove(item.name)
                } else if item.installed != nil || item.needsTarball, try !links.place(item.name) {
                    log.warning("\(folder)/\(item.name) is not ours; no link was made.")
                }
            } catch {
                failures.append(error)
            }
        }
        return failures
    }
}
