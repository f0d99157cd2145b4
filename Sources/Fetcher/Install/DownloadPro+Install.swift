import Diagnostics
import FoundationEssentials
import Logging
import Packages
import SystemPackage

/// Step 6: what was staged is put in place, what the license lost is set aside.
extension DownloadPro {
    /// How long what was removed or replaced is kept: 30 days.
    private static let kept: TimeInterval = 30 * 24 * 3_600

    /// Ends what a killed run left half done; a dry run only says that there is something.
    func recover(_ report: inout Report) throws {
        if options.isDryRun {
            if try Disk.status(settings.storage.journal) != nil {
                report.notices.append(
                    "An earlier run was cut off while it installed; the next one ends that first.")
            }
            return
        }
        let recovery = try Installer(settings.storage).recover()
        func names(_ list: [PackageName]) -> String {
            list.map(\.description).joined(separator: ", ")
        }
        if !recovery.completed.isEmpty {
            report.notices.append(
                "An earlier run was cut off. Completed what it had begun: \(names(recovery.completed))."
            )
        }
        if !recovery.undone.isEmpty {
            report.notices.append(
                "An earlier run was cut off. Left as it was before: \(names(recovery.undone)).")
        }
        for failure in recovery.failures {
            log.warning("What an earlier run had begun could not be ended: \(failure)")
        }
    }

    /// Puts in place what was staged.
    ///
    /// What concerns one plugin is in its row and does not stop the others.
    ///
    /// - Parameters:
    ///   - plan: what is to be done
    ///   - staged: what there is to put in place
    ///   - installed: what was there before
    /// - Returns: a row for each plugin of the plan
    /// - Throws: ``DiskError`` when nothing could be changed.
    func install(
        _ plan: Plan, _ staged: StagedReleases, over installed: [InstalledPlugin]
    ) throws -> [Report.Row] {
        let installer = Installer(settings.storage)
        var failures: [PackageName: any Error] = staged.failures
        var entries: [Journal.Entry] = []
        var adopted: Set<PackageName> = []
        for item in plan.items {
            switch item.action {
            case .install, .update, .downgrade, .repair:
                guard staged.receipts[item.name] != nil else { continue }
                if item.action == .repair { try keepHold(of: item.name, staged.staging) }
                entries.append(Journal.Entry(name: item.name, change: .put(origin: nil)))
            case .remove:
                entries.append(Journal.Entry(name: item.name, change: .remove))
            case .adopt:
                guard let receipt = staged.receipts[item.name] else { continue }
                do {
                    if try adopt(receipt) { adopted.insert(item.name) }
                } catch {
                    failures[item.name] = error
                }
            case .current, .leave:
                continue
            }
        }
        failures.merge(try installer.install(entries, from: staged.staging)) { $1 }
        for item in plan.items {
            guard let failure = failures[item.name], staged.failures[item.name] == nil else {
                continue
            }
            log.error("\(item.name): \(failure)")
        }
        if failures.isEmpty {
            noteSet(
                from: PluginSet(installed.map(\.receipt)),
                hasChanged: !entries.isEmpty || !adopted.isEmpty)
        }
        return plan.items.map { item in
            guard let failure = failures[item.name] else {
                let row = Report.Row(item, wasAdopted: adopted.contains(item.name))
                if row.outcome.isChange {
                    let version = row.installed ?? item.installed
                    log.info("\(row.outcome.words()) \(item.name) \(version.map { "\($0)" } ?? "")")
                }
                return row
            }
            return Report.Row(
                item, heldBackBy: reason(of: failure),
                visible: (try? Disk.packageVersion(in: settings.storage.plugin(item.name))) ?? nil)
        }
    }

    /// Files that were put right do not end what an operator decided about the release.
    private func keepHold(of name: PackageName, _ staging: Staging) throws(DiskError) {
        let origin = try ReceiptStore(in: settings.storage.receipts).receipt(of: name)?
            .rolledBackFrom
        guard let origin, var receipt = try ReceiptStore.read(staging.receipt(name)) else { return }
        receipt.rolledBackFrom = origin
        try ReceiptStore.write(receipt, to: staging.receipt(name))
    }

    /// Everything went as planned: what is installed now is a set to go back to.
    ///
    /// Also when nothing was changed: an earlier run may have been killed before it could note it.
    private func noteSet(from before: PluginSet, hasChanged: Bool) {
        do {
            let kept = try GoodSets(in: settings.storage)
            var sets = kept
            sets.note(
                from: before,
                to: hasChanged
                    ? PluginSet(try ReceiptStore(in: settings.storage.receipts).all()) : before)
            if sets != kept { try sets.save(in: settings.storage) }
        } catch {
            log.warning("The set of plugins could not be noted: \(error)")
        }
    }

    /// Removes what a run that ends early has staged; what ended it is what matters.
    func discardStaged() {
        do {
            if let failure = try Installer(settings.storage).endBegun().failures.first {
                throw failure
            }
        } catch {
            log.warning("What was staged could not be removed: \(error)")
        }
    }

    /// Deletes what nobody needs any more; a disk that fails here has done no harm.
    ///
    /// - Returns: Why something could not be deleted.
    func prune(_ plan: Plan) -> [any Failure] {
        do {
            try Installer(settings.storage).prune(
                before: now - Self.kept,
                keepingDownloadsOf: Set(plan.items.compactMap { $0.release?.sha512 }))
            return []
        } catch {
            return [error]
        }
    }

    /// Writes a receipt for files that are byte for byte those of the signed release.
    ///
    /// - Returns: false when they are not; they are left alone then.
    private func adopt(_ signed: Receipt) throws -> Bool {
        let folder = settings.storage.plugin(signed.name)
        guard try signed.conditionByContent(in: folder) == .intact else { return false }
        guard let receipt = try signed.withTimesOfEqualFiles(in: folder) else { return false }
        try ReceiptStore.write(
            receipt, to: ReceiptStore(in: settings.storage.receipts).path(of: signed.name))
        return true
    }

    /// Keeps a symbolic link to each installed plugin where the application looks for packages.
    ///
    /// Whatever became of the run: in a container that was made anew the links are gone, and the
    /// plugins of the run before are not.
    ///
    /// - Parameter isAlone: whether no other run changes what is installed; else no link is dropped
    /// - Returns: Why links could not be made; the plugins themselves are installed.
    func link(isAlone: Bool) -> [any Failure] {
        guard let folder = settings.linkInto, !options.isDryRun else { return [] }
        let links = PluginLinks(from: folder, to: settings.storage)
        do throws(DiskError) {
            var failures = isAlone ? try links.removeStale() : []
            for name in try ReceiptStore(in: settings.storage.receipts).names()
            where try Disk.status(settings.storage.plugin(name)) != nil {
                do throws(DiskError) {
                    guard try !links.place(name) else { continue }
                    log.warning("\(folder)/\(name) is not ours; no link was made.")
                } catch {
                    failures.append(error)
                }
            }
            return failures
        } catch {
            return [error]
        }
    }
}
