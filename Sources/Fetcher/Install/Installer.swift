import CanonicalJSON
package import Packages
import SystemPackage

/// Puts staged plugins in place, each in one step, so that at any moment every visible plugin is
/// exactly one verified release.
///
/// 1. Everything is staged and flushed (`syncfs`) before the first visible change.
/// 2. The journal says what will change; it is flushed too.
/// 3. Each plugin: one exchange with what is visible; then, while nobody has to look, the old
///    folder to `previous/` and the new receipt to `receipts/`.
/// 4. The journal goes, then the staging folder.
///
/// Killed before 3 for a plugin: the old release is visible, the staged one is dropped. Killed
/// after the exchange: ``recover()`` ends the rest, told by the receipt that the visible files
/// match. Only the owner of the ``StorageLock`` may call this.
package struct Installer: Sendable {
    private let storage: StorageFolder
    private let receipts: ReceiptStore

    package init(_ storage: StorageFolder) {
        self.storage = storage
        self.receipts = ReceiptStore(in: storage.receipts)
    }

    /// Ends what a killed run left behind: half-done changes, staging folders, partial files.
    ///
    /// A journal that cannot be read is dropped like the staging folder: each visible plugin is then
    /// judged by its receipt alone.
    ///
    /// - Returns: The plugins whose change was completed.
    package func recover() throws(DiskError) -> [PackageName] {
        var completed: [PackageName] = []
        if let bytes = try Disk.read(storage.journal) {
            if let journal = try? Journal(json: parseJSON(bytes)) {
                let staging = Staging(name: journal.stagingName, in: storage)
                for entry in journal.entries where try recover(entry, staging) {
                    completed.append(entry.name)
                }
            }
            try Disk.remove(storage.journal)
        }
        try Disk.remove(storage.staging)
        return completed
    }

    /// Changes what is visible.
    ///
    /// One plugin's failure does not stop the others; the journal then stays for the next run.
    ///
    /// - Returns: For each entry that failed, why.
    package func install(
        _ entries: [Journal.Entry], from staging: Staging
    ) throws(DiskError) -> [PackageName: DiskError] {
        guard !entries.isEmpty else {
            try Disk.remove(staging.folder)
            return [:]
        }
        try Disk.syncFileSystem(of: storage.plugins)
        try Disk.writeAtomically(
            Journal(stagingName: staging.name, entries: entries).json.compactBytes,
            to: storage.journal)
        var failures: [PackageName: DiskError] = [:]
        for entry in entries {
            do throws(DiskError) {
                switch entry.change {
                case .put(let origin): try put(entry.name, origin: origin, from: staging)
                case .remove: try setAside(entry.name)
                }
            } catch {
                failures[entry.name] = error
            }
        }
        if failures.isEmpty {
            try Disk.remove(storage.journal)
            try Disk.remove(staging.folder)
        }
        return failures
    }

    /// Deletes what a run has staged and not put in place, unless the journal still needs it.
    package func discardStaged() throws(DiskError) {
        guard try Disk.status(storage.journal) == nil else { return }
        try Disk.remove(storage.staging)
    }

    /// Deletes what was set aside by removals longer ago than that.
    package func prune(removedBefore oldest: Int64) throws(DiskError) {
        for receipt in try setAsideByRemoval() {
            let folder = SetAside(.removed, of: receipt.name, in: storage).folder
            guard let modified = try Disk.status(folder)?.modified, modified < oldest else {
                continue
            }
            try Disk.remove(folder)
        }
    }

    /// The receipts of all plugins that were removed and can be restored.
    package func setAsideByRemoval() throws(DiskError) -> [Receipt] {
        var receipts: [Receipt] = []
        for first in try Disk.names(in: storage.removed) {
            let names =
                first.hasPrefix("@")
                ? try Disk.names(in: storage.removed.appending(first)).map { "\(first)/\($0)" }
                : [first]
            for name in names {
                guard let name = try? PackageName(name),
                    let receipt = try SetAside(.removed, of: name, in: storage).receipt()
                else { continue }
                receipts.append(receipt)
            }
        }
        return receipts
    }

    // MARK: One plugin

    private func put(
        _ name: PackageName, origin: Journal.Origin?, from staging: Staging
    ) throws(DiskError) {
        let visible = storage.plugin(name)
        if let origin {
            try Disk.makeFolder(staging.new(name).removingLastComponent())
            try Disk.rename(
                SetAside(origin, of: name, in: storage).package, to: staging.new(name))
        }
        try Disk.makeFolder(visible.removingLastComponent())
        if try Disk.status(visible) == nil {
            try Disk.renameExclusively(staging.new(name), to: visible)
        } else if try !Disk.exchange(staging.new(name), visible) {
            try Disk.makeFolder(staging.old(name).removingLastComponent())
            try Disk.rename(visible, to: staging.old(name))
            try Disk.rename(staging.new(name), to: visible)
        }
        try Disk.sync(folder: visible.removingLastComponent())
        try settle(name, origin: origin, staging)
    }

    /// What follows an exchange: the old folder to `previous/`, the receipts to their places.
    ///
    /// Each step can be repeated after a kill.
    private func settle(
        _ name: PackageName, origin: Journal.Origin?, _ staging: Staging
    ) throws(DiskError) {
        let receiptPath = receipts.path(of: name)
        let old = try Disk.status(staging.new(name)) != nil ? staging.new(name) : staging.old(name)
        let oldReceipt = try receipts.receipt(of: name)
        let newReceipt = try ReceiptStore.read(staging.receipt(name))
        if let oldReceipt, let newReceipt, oldReceipt.tarball != newReceipt.tarball {
            let previous = SetAside(.previous, of: name, in: storage)
            if try Disk.status(old) != nil {
                try Disk.remove(previous.folder)
                try Disk.makeFolder(previous.folder)
                try Disk.rename(old, to: previous.package)
            }
            try Disk.rename(receiptPath, to: previous.receiptPath)
        }
        if newReceipt != nil {
            try Disk.makeFolder(receiptPath.removingLastComponent())
            try Disk.rename(staging.receipt(name), to: receiptPath)
            try Disk.sync(folder: receiptPath.removingLastComponent())
        }
        if origin == .removed {
            try Disk.remove(SetAside(.removed, of: name, in: storage).folder)
        }
    }

    private func setAside(_ name: PackageName) throws(DiskError) {
        let removed = SetAside(.removed, of: name, in: storage)
        let visible = storage.plugin(name)
        if try Disk.status(visible) != nil {
            try Disk.remove(removed.folder)
            try Disk.makeFolder(removed.folder)
            try Disk.rename(visible, to: removed.package)
            try Disk.sync(folder: visible.removingLastComponent())
        }
        if try Disk.status(receipts.path(of: name)) != nil {
            try Disk.makeFolder(removed.folder)
            try Disk.rename(receipts.path(of: name), to: removed.receiptPath)
        }
    }

    // MARK: Recovery

    /// Completes or drops one change of a killed run.
    ///
    /// - Returns: Whether it was completed.
    private func recover(_ entry: Journal.Entry, _ staging: Staging) throws(DiskError) -> Bool {
        let visible = storage.plugin(entry.name)
        switch entry.change {
        case .remove:
            guard try Disk.status(visible) == nil else { return false }
            try setAside(entry.name)
            return true
        case .put(let origin):
            if try wasPut(entry.name, staging) {
                try settle(entry.name, origin: origin, staging)
                return true
            }
            if try Disk.status(visible) == nil, try Disk.status(staging.old(entry.name)) != nil {
                // Killed between the two renames of a file system without exchange.
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
        let visible = try staged.condition(in: storage.plugin(name))
        let left = try staged.condition(in: staging.new(name))
        return visible == .intact && left != .intact
    }
}
