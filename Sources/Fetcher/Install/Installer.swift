import CanonicalJSON
package import Cryptography
package import FoundationEssentials
package import Packages
import SystemPackage

/// Puts staged plugins in place, each in one step, so that at any moment every visible plugin is
/// exactly one verified release.
///
/// 1. Everything is staged and flushed (`syncfs`) before the first visible change.
/// 2. The journal says what will change; it is flushed too.
/// 3. Each plugin: one exchange with what is visible; then, when the exchanges of all are flushed,
///    the old folders to `previous/` and the new receipts to `receipts/`.
/// 4. The journal goes, then the staging folder.
///
/// Killed before 3 for a plugin: the old release is visible, the staged one is dropped. Killed
/// after the exchange: ``recover()`` ends the rest, told by the receipt that the visible files
/// match. Only the owner of the ``StorageLock`` may call this.
package struct Installer: Sendable {
    let storage: StorageFolder
    let receipts: ReceiptStore

    package init(_ storage: StorageFolder) {
        self.storage = storage
        self.receipts = ReceiptStore(in: storage.receipts)
    }

    /// Changes what is visible.
    ///
    /// One plugin's failure does not stop the others. What it had begun is then ended or dropped as
    /// after a kill, so that nothing staged is left on a disk that may be full. A task that is
    /// cancelled ends the change that it is at, and begins no other.
    ///
    /// The journal stays for the next run to end where a failing disk does not let it be ended here,
    /// for one set of a cancelled task, and behind a flush that failed: the kernel tells of that once,
    /// and a second flush would seem to go well.
    ///
    /// - Parameters:
    ///   - entries: what is to be done
    ///   - staging: where the new folders and receipts lie
    ///   - isOneSet: whether a killed run's entries are all completed, and none dropped
    /// - Throws: ``DiskError`` when the journal cannot be written; nothing is changed then.
    /// - Returns: For each entry that failed, why.
    package func install(
        _ entries: [Journal.Entry], from staging: Staging, asOneSet isOneSet: Bool = false
    ) throws(DiskError) -> [PackageName: any Error] {
        guard !entries.isEmpty else {
            try Disk.remove(staging.folder)
            return [:]
        }
        try Disk.syncFileSystem(of: storage.plugins)
        do throws(DiskError) {
            try Disk.writeAtomically(
                Journal(stagingName: staging.name, entries: entries, isOneSet: isOneSet).json
                    .compactBytes, to: storage.journal)
        } catch {
            // It may be there and only not be flushed: no later run may carry it out.
            try? Disk.remove(storage.journal)
            throw error
        }
        var failures: [PackageName: any Error] = [:]
        var put: [(name: PackageName, origin: SetAside.Kind?)] = []
        for entry in entries {
            do {
                try Task.checkCancellation()
                switch entry.change {
                case .put(let origin):
                    try self.put(entry.name, origin: origin, from: staging)
                    put.append((entry.name, origin))
                case .remove: try setAside(entry.name, staging)
                }
            } catch {
                failures[entry.name] = error
            }
        }
        failures.merge(settle(put, staging)) { $1 }
        if failures.isEmpty {
            try Disk.remove(storage.journal)
            try Disk.remove(staging.folder)
        } else if !failures.values.contains(where: \.isOfFlush), !(isOneSet && Task.isCancelled),
            let ended = try? endBegun()
        {
            for name in ended.completed { failures[name] = nil }
        }
        return failures
    }

    /// Deletes what was removed, replaced or broken before that moment, and the downloads that
    /// nobody waits for.
    package func prune(before oldest: Date, keepingDownloadsOf wanted: Set<Digest>)
        throws(DiskError)
    {
        let oldest = Int64(oldest.timeIntervalSince1970) * 1_000_000_000
        var old = try pluginNames(in: storage.removed).map { name in
            SetAside(.removed, of: name, in: storage).folder
        }
        for folder in [storage.replaced, storage.broken] {
            old += try Disk.names(in: folder).map { folder.appending($0) }
        }
        // What runs that were killed had begun to write.
        for folder in [storage.license, storage.own, storage.metadata] {
            old += try Disk.names(in: folder).filter { $0.hasSuffix(".new") }
                .map { folder.appending($0) }
        }
        old += try receipts.files().filter { $0.extension == "new" }
        for folder in old {
            guard let modified = try Disk.status(folder)?.modified, modified < oldest else {
                continue
            }
            if folder.removingLastComponent().starts(with: storage.removed) {
                try forget(folder)
            } else {
                try Disk.remove(folder)
            }
        }
        let kept = Set(wanted.map { "\($0.hex).part" })
        for name in try Disk.names(in: storage.tarballs) where !kept.contains(name) {
            try Disk.remove(storage.tarballs.appending(name))
        }
    }

    /// The receipts of all plugins that were removed and can be restored.
    package func setAsideByRemoval() throws(DiskError) -> [Receipt] {
        var receipts: [Receipt] = []
        for name in try pluginNames(in: storage.removed) {
            if let receipt = try SetAside(.removed, of: name, in: storage).receipt() {
                receipts.append(receipt)
            }
        }
        return receipts
    }

    /// The names of the plugins that have a folder in one of ours.
    func pluginNames(in folder: FilePath) throws(DiskError) -> [PackageName] {
        var names: [PackageName] = []
        for first in try Disk.namesIfFolder(folder) {
            let texts =
                first.hasPrefix("@")
                ? try Disk.namesIfFolder(folder.appending(first)).map { "\(first)/\($0)" } : [first]
            names += texts.compactMap { try? PackageName($0) }
        }
        return names
    }
}

extension Error {
    /// Whether it says that what was changed may not survive a power failure.
    fileprivate var isOfFlush: Bool { (self as? DiskError)?.isOfFlush == true }
}
