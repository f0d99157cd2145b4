import CanonicalJSON
package import Packages
import SystemPackage

/// What follows a run that was killed.
extension Installer {
    /// Ends what a killed run left behind: half-done changes, staging folders.
    ///
    /// Nothing is thrown away that may be the only copy of a release: what cannot be understood any
    /// more (a broken journal) or ended (a disk that fails) goes to `.pkg/broken/`, and each visible
    /// plugin is then judged by its receipt alone.
    ///
    /// - Returns: The plugins whose change was completed, those that stay as they were before it,
    ///   and why others could not be ended.
    package func recover() throws(DiskError) -> Recovery {
        let isBegun = try Disk.status(storage.journal) != nil
        try storage.mend()
        if let bytes = try storage.readOwn(storage.journal),
            let journal = try? Journal(json: parseJSON(bytes))
        {
            let ended = try end(journal)
            if !ended.failures.isEmpty { try setStagingBroken() }
            return ended
        }
        let recovery = try endStaged()
        if isBegun || !recovery.failures.isEmpty {
            try setStagingBroken()
        } else {
            try Disk.remove(storage.staging)
        }
        return recovery
    }

    /// Ends or drops what this run has begun or only staged, as the next run would.
    ///
    /// What fails again stays, with its journal, for that run.
    ///
    /// - Returns: what became of each change
    @discardableResult
    package func endBegun() throws(DiskError) -> Recovery {
        guard let bytes = try storage.readOwn(storage.journal),
            let journal = try? Journal(json: parseJSON(bytes))
        else {
            try Disk.remove(storage.staging)
            return Recovery()
        }
        return try end(journal)
    }

    /// Ends or drops each change of a journal; when all of them are, the journal and what is staged go.
    private func end(_ journal: Journal) throws(DiskError) -> Recovery {
        var recovery = Recovery()
        let staging = Staging(name: journal.stagingName, in: storage)
        for entry in journal.entries {
            do throws(DiskError) {
                if try recover(entry, staging) {
                    recovery.completed.append(entry.name)
                } else if journal.isOneSet {
                    try goOn(with: entry, staging)
                    recovery.completed.append(entry.name)
                } else {
                    recovery.undone.append(entry.name)
                }
            } catch {
                recovery.failures.append(error)
            }
        }
        if recovery.failures.isEmpty {
            try Disk.remove(storage.journal)
            try Disk.remove(storage.staging)
        }
        return recovery
    }

    /// What became of a killed run's changes.
    package struct Recovery: Sendable {
        package var completed: [PackageName] = []
        /// Not begun, or taken back: as before.
        package var undone: [PackageName] = []
        package var failures: [DiskError] = []
    }

    /// Does a change that a killed run had not come to; when the disk fails, what was kept goes back
    /// to where it was kept.
    private func goOn(with entry: Journal.Entry, _ staging: Staging) throws(DiskError) {
        do throws(DiskError) {
            try apply(entry, from: staging)
        } catch {
            _ = try? recover(entry, staging)
            throw error
        }
    }

    private func setStagingBroken() throws(DiskError) {
        if try Disk.status(storage.staging) != nil { try storage.setBroken(storage.staging) }
        try Disk.remove(storage.journal)
    }

    /// Ends what a run had begun whose journal is lost, told by nothing but where it lies: puts back
    /// what was moved away and not replaced, and gives its receipt to what was put in place.
    ///
    /// - Returns: The plugins whose change was completed, and why others could not be ended.
    private func endStaged() throws(DiskError) -> Recovery {
        var recovery = Recovery()
        for run in try Disk.names(in: storage.staging) {
            let staging = Staging(name: run, in: storage)
            for name in try pluginNames(in: staging.folder.appending("old")) {
                do throws(DiskError) {
                    let visible = try visible(name)
                    guard try Disk.status(visible) == nil else { continue }
                    try Disk.makeFolder(visible.removingLastComponent())
                    try Disk.rename(staging.old(name), to: visible)
                } catch {
                    recovery.failures.append(error)
                }
            }
            for receipt in try ReceiptStore(in: staging.receipts).all() {
                do throws(DiskError) {
                    guard try wasPut(receipt.name, staging) else { continue }
                    try settle(receipt.name, origin: nil, staging)
                    recovery.completed.append(receipt.name)
                } catch {
                    recovery.failures.append(error)
                }
            }
        }
        return recovery
    }

    /// Completes or drops one change of a killed run.
    ///
    /// - Returns: Whether it was completed.
    private func recover(_ entry: Journal.Entry, _ staging: Staging) throws(DiskError) -> Bool {
        let visible = try visible(entry.name)
        switch entry.change {
        case .remove:
            guard try Disk.status(visible) == nil else { return false }
            try setAside(entry.name, staging)
            return true
        case .put(let origin):
            if try wasPut(entry.name, staging) {
                try settle(entry.name, origin: origin, staging)
                return true
            }
            if try Disk.status(visible) == nil, try Disk.status(staging.old(entry.name)) != nil {
                // Killed between the two renames of a file system without exchange.
                guard try Disk.status(staging.new(entry.name)) != nil else {
                    try Disk.rename(staging.old(entry.name), to: visible)
                    return false
                }
                try Disk.rename(staging.new(entry.name), to: visible)
                try settle(entry.name, origin: origin, staging)
                return true
            }
            if let origin, try Disk.status(staging.new(entry.name)) != nil {
                let home = SetAside(origin, of: entry.name, in: storage)
                try Disk.rename(staging.new(entry.name), to: home.package)
            }
            return false
        }
    }

    /// Whether the visible folder is the one that was staged: it matches the staged receipt, and
    /// what lies in the staging folder does not.
    ///
    /// After `settle` moved the receipt away there is nothing left to do but to repeat its last step.
    private func wasPut(_ name: PackageName, _ staging: Staging) throws(DiskError) -> Bool {
        guard let staged = try ReceiptStore.read(staging.receipt(name)) else {
            return try Disk.status(staging.new(name)) == nil
        }
        let visible = try staged.condition(in: visible(name))
        let left = try staged.condition(in: staging.new(name))
        return visible == .intact && left != .intact
    }
}
