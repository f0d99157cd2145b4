import Diagnostics
import Packages
import SystemPackage

/// One plugin's change: each step can be repeated after a kill.
extension Installer {
    /// One change from its beginning to its end.
    func apply(_ entry: Journal.Entry, from staging: Staging) throws(DiskError) {
        switch entry.change {
        case .put(let origin):
            try put(entry.name, origin: origin, from: staging)
            try settle(entry.name, origin: origin, staging)
        case .remove: try setAside(entry.name, staging)
        }
    }

    /// Where a plugin is or will be visible.
    ///
    /// - Throws: `disk.unexpected-file` when something else stands in the place of its scope's folder,
    ///   as a link that leads out of ours.
    func visible(_ name: PackageName) throws(DiskError) -> FilePath {
        let path = storage.plugin(name)
        let scope = path.removingLastComponent()
        if scope != storage.plugins, let status = try Disk.status(scope), !status.isFolder {
            throw DiskError(.diskUnexpectedFile, "\(scope) is no folder.")
        }
        return path
    }

    /// Makes what is staged visible; to be flushed and settled by ``settle(_:_:)``.
    func put(
        _ name: PackageName, origin: SetAside.Kind?, from staging: Staging
    ) throws(DiskError) {
        let visible = try visible(name)
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
            do {
                try Disk.rename(staging.new(name), to: visible)
            } catch {
                try Disk.rename(staging.old(name), to: visible)
                throw error
            }
        }
    }

    /// Ends the changes of plugins that were put in place: the exchanges are flushed before the
    /// receipts follow, and these are flushed as well, a folder of many plugins once.
    ///
    /// - Returns: For each plugin that failed, why.
    func settle(
        _ changes: [(name: PackageName, origin: SetAside.Kind?)], _ staging: Staging
    ) -> [PackageName: DiskError] {
        var failures: [PackageName: DiskError] = [:]
        var flushed: [FilePath: Result<Void, DiskError>] = [:]
        func flush(_ folder: FilePath) throws(DiskError) {
            let result =
                flushed[folder] ?? Result { () throws(DiskError) in try Disk.sync(folder: folder) }
            flushed[folder] = result
            try result.get()
        }
        var withReceipts: [PackageName] = []
        for (name, _) in changes {
            do throws(DiskError) {
                try flush(storage.plugin(name).removingLastComponent())
            } catch {
                failures[name] = error
            }
        }
        for (name, origin) in changes where failures[name] == nil {
            do throws(DiskError) {
                if try arrange(name, origin: origin, staging) { withReceipts.append(name) }
            } catch {
                failures[name] = error
            }
        }
        for name in withReceipts {
            do throws(DiskError) {
                try flush(receipts.path(of: name).removingLastComponent())
            } catch {
                failures[name] = error
            }
        }
        return failures
    }

    /// The same for one plugin of a run that was killed.
    func settle(
        _ name: PackageName, origin: SetAside.Kind?, _ staging: Staging
    ) throws(DiskError) {
        if let failure = settle([(name, origin)], staging)[name] { throw failure }
    }

    /// What follows an exchange: the old folder to `previous/`, the receipts to their places.
    ///
    /// Each step can be repeated after a kill.
    ///
    /// - Returns: Whether there was a receipt to put in its place.
    private func arrange(
        _ name: PackageName, origin: SetAside.Kind?, _ staging: Staging
    ) throws(DiskError) -> Bool {
        let receiptPath = receipts.path(of: name)
        let old = try Disk.status(staging.new(name)) != nil ? staging.new(name) : staging.old(name)
        let previous = SetAside(.previous, of: name, in: storage)
        let newReceipt = try ReceiptStore.read(staging.receipt(name))
        let oldReceipt = try receipts.receipt(of: name)
        if newReceipt != nil, oldReceipt == nil, try Disk.status(old) != nil {
            // What nobody saw when the plan was made.
            try setReplaced(name, old)
        }
        if let newReceipt, let oldReceipt {
            if oldReceipt.tarball == newReceipt.tarball {
                if try Disk.status(old) != nil { try setReplaced(name, old) }
            } else if try Disk.status(old) != nil {
                try Disk.remove(previous.folder)
                try Disk.makeFolder(previous.folder)
                try Disk.rename(old, to: previous.package)
            }
            // Only with the folder that it describes: that may have been gone.
            if try oldReceipt.condition(in: previous.package) == .intact {
                try Disk.rename(receiptPath, to: previous.receiptPath)
            }
        }
        if newReceipt != nil {
            try Disk.makeFolder(receiptPath.removingLastComponent())
            try Disk.rename(staging.receipt(name), to: receiptPath)
        }
        if origin == .removed {
            try Disk.remove(SetAside(.removed, of: name, in: storage).folder)
        }
        return newReceipt != nil
    }

    /// Keeps a folder that verified files took the place of: it may hold somebody's work.
    private func setReplaced(_ name: PackageName, _ folder: FilePath) throws(DiskError) {
        try storage.keep(
            folder, in: storage.replaced, as: name.description.replacing("/", with: "+"))
    }

    /// Moves the visible folder to `removed/`, with the receipt that is staged for it, if one is.
    func setAside(_ name: PackageName, _ staging: Staging) throws(DiskError) {
        let removed = SetAside(.removed, of: name, in: storage)
        let visible = try visible(name)
        if try Disk.status(visible) != nil {
            try Disk.remove(removed.folder)
            try Disk.makeFolder(removed.folder)
            try Disk.rename(visible, to: removed.package)
            try Disk.sync(folder: visible.removingLastComponent())
        }
        let isThere = try Disk.status(removed.package) != nil
        if isThere, try Disk.status(staging.receipt(name)) != nil {
            try Disk.rename(staging.receipt(name), to: removed.receiptPath)
        }
        guard try Disk.status(receipts.path(of: name)) != nil else { return }
        if isThere, try Disk.status(removed.receiptPath) == nil {
            try Disk.rename(receipts.path(of: name), to: removed.receiptPath)
        } else {
            // The folder was gone before; what lies there from an earlier removal keeps its receipt.
            try Disk.remove(receipts.path(of: name))
        }
    }
}
