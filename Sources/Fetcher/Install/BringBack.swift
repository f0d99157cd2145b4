import Diagnostics
package import Licensing
import Packages

/// Brings back what was set aside: the release before the last update, or a removed plugin.
///
/// Both are proven by content against their receipts first, and go through the installer's journal
/// like every other change.
package struct BringBack: Sendable {
    let storage: StorageFolder

    package init(_ storage: StorageFolder) {
        self.storage = storage
    }

    /// Exchanges a plugin with the release that was installed before it.
    ///
    /// - Returns: The receipt of what is visible now.
    /// - Throws: `plugins.not-restorable`, `plugins.modified-on-disk`, `lock.held`, `disk.*`.
    package func rollBack(_ text: String) async throws -> Receipt {
        let name = try pluginName(text)
        return try await bringBack(name, from: .previous) { previous in
            guard let current = try ReceiptStore(in: storage.receipts).receipt(of: name) else {
                throw DiskError(.notRestorable, "\(name) is not installed.")
            }
            var receipt = previous
            receipt.rolledBackFrom = current.version
            return receipt
        }
    }

    /// Puts a removed plugin back.
    ///
    /// - Parameters:
    ///   - text: The plugin's name.
    ///   - status: A license's status that has the plugin again.
    /// - Returns: The receipt of what is visible now.
    /// - Throws: `plugins.not-restorable`, `plugins.modified-on-disk`, `lock.held`, `disk.*`.
    package func restore(_ text: String, under status: LicenseStatus) async throws -> Receipt {
        let name = try pluginName(text)
        guard status.entitlements.plugins.contains(where: { $0.name == name.description }) else {
            throw DiskError(
                .notRestorable, "The license does not have \(name).",
                remedy: "Ask your vendor to add it to the license, then run this again.")
        }
        return try await bringBack(name, from: .removed) { removed in
            guard try Disk.status(storage.plugin(name)) == nil else {
                throw DiskError(.notRestorable, "\(name) is installed.")
            }
            var receipt = removed
            receipt.rolledBackFrom = nil
            return receipt
        }
    }

    private func bringBack(
        _ name: PackageName, from origin: SetAside.Kind,
        _ newReceipt: (Receipt) throws -> Receipt
    ) async throws -> Receipt {
        try await StorageLock.hold(storage) {
            let installer = Installer(storage)
            if let failure = try installer.recover().failures.first { throw failure }
            let aside = SetAside(origin, of: name, in: storage)
            guard let kept = try aside.receipt() else {
                throw DiskError(
                    .notRestorable, "No \(origin.rawValue) release of \(name) is kept here.")
            }
            guard try kept.conditionByContent(in: aside.package) == .intact else {
                throw DiskError(
                    .modifiedOnDisk, "The kept files of \(name) \(kept.version) were changed.",
                    remedy: "Run `pkg download-pro` to fetch the release anew.")
            }
            let receipt = try newReceipt(kept)
            let store = ReceiptStore(in: storage.receipts)
            let before = PluginSet(try store.all())
            let staging = Staging(in: storage)
            try ReceiptStore.write(receipt, to: staging.receipt(name))
            let failures = try installer.install(
                [Journal.Entry(name: name, change: .put(origin: origin))], from: staging)
            if let failure = failures[name] { throw failure }
            var sets = try GoodSets(in: storage)
            sets.note(from: before, to: PluginSet(try store.all()))
            try sets.save(in: storage)
            return receipt
        }
    }
}

/// The plugin that a person named.
private func pluginName(_ text: String) throws(UsageError) -> PackageName {
    do {
        return try PackageName(text)
    } catch {
        throw UsageError(
            error.message, remedy: "Give a plugin's name as `pkg plugins list` shows it.",
            cause: error)
    }
}
