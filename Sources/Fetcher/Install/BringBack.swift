import Diagnostics
package import Licensing
import Packages
import SystemPackage

/// Brings back what was set aside: the release before the last update, or a removed plugin; where
/// nothing is kept any more, ends the hold that a rollback left.
///
/// What comes back is proven by content against its receipt first, and goes through the installer's
/// journal like every other change.
package struct BringBack: Sendable {
    /// What became of it.
    package enum Outcome: Sendable {
        /// The receipt of what is visible now.
        case isBack(Receipt)
        /// Nothing was kept to bring back: the next run may install what was rolled back from.
        case isReleased(Hold)
    }

    let storage: StorageFolder

    package init(_ storage: StorageFolder) {
        self.storage = storage
    }

    /// Exchanges a plugin with the release that was installed before it; with nothing kept to
    /// exchange it with, ends its hold.
    ///
    /// - Returns: What is visible now, or the hold that was ended.
    /// - Throws: `plugins.not-restorable`, `plugins.modified-on-disk`, `lock.held`, `disk.*`.
    package func rollBack(_ text: String) async throws -> Outcome {
        let name = try pluginName(text)
        return try await holdingStorage {
            guard let current = try ReceiptStore(in: storage.receipts).receipt(of: name) else {
                throw try notInstalled(name)
            }
            let aside = SetAside(.previous, of: name, in: storage)
            if try Disk.status(aside.package) == nil {
                guard let origin = current.rolledBackFrom else {
                    throw DiskError(
                        .notRestorable, "No previous release of \(name) is kept here.",
                        remedy: "Nothing needs to be done: \(name) stays at \(current.version).")
                }
                try writeWithoutHold(current)
                return .isReleased(Hold(name: name, installed: current.version, origin: origin))
            }
            guard var receipt = try aside.intactReceipt() else {
                let next =
                    current.rolledBackFrom == nil
                    ? "\(name) stays at \(current.version)"
                    : "`pkg plugins rollback \(name)` then ends the hold on \(current.version)"
                throw changed(name, aside, next: next)
            }
            receipt.rolledBackFrom = current.afterReturning(to: receipt.version)
            return .isBack(try await putBack(receipt, from: .previous))
        }
    }

    /// Puts a removed plugin back; with its files no longer kept, lets the next run install one that
    /// a rollback keeps away.
    ///
    /// - Parameters:
    ///   - text: The plugin's name.
    ///   - status: A license's status that has the plugin again.
    /// - Returns: What is visible now, or the hold that was ended.
    /// - Throws: `plugins.not-restorable`, `plugins.modified-on-disk`, `lock.held`, `disk.*`.
    package func restore(_ text: String, under status: LicenseStatus) async throws -> Outcome {
        let name = try pluginName(text)
        guard status.entitlements.plugins.contains(where: { $0.name == name.description }) else {
            throw DiskError(
                .notRestorable, "The license does not have \(name).",
                remedy: "Ask your vendor to add it to the license, then run this again.")
        }
        return try await holdingStorage {
            if let current = try ReceiptStore(in: storage.receipts).receipt(of: name) {
                let remedy = current.rolledBackFrom.map {
                    "It was rolled back from \($0): `pkg plugins rollback \(name)` ends that."
                }
                throw DiskError(.notRestorable, "\(name) is installed.", remedy: remedy)
            }
            let visible = storage.plugin(name)
            guard try Disk.status(visible) == nil else {
                throw DiskError(
                    .notRestorable, "What pkg did not install stands at \(visible).",
                    remedy: "Move \(visible) aside, then run this again.")
            }
            let aside = SetAside(.removed, of: name, in: storage)
            let origin = try Installer(storage).keptAway()[name]
            if try Disk.status(aside.package) == nil {
                guard let origin else {
                    throw DiskError(
                        .notRestorable, "No removed release of \(name) is kept here.",
                        remedy: "Run `pkg download-pro`: it installs what the license has.")
                }
                try Disk.remove(aside.folder)
                return .isReleased(Hold(name: name, installed: nil, origin: origin))
            }
            guard var receipt = try aside.intactReceipt() else {
                // The hold lies there too, and goes with it.
                throw changed(name, aside, next: "`pkg download-pro` then installs it anew")
            }
            receipt.rolledBackFrom = nil
            return .isBack(try await putBack(receipt, from: .removed))
        }
    }

    private func holdingStorage(_ body: () async throws -> Outcome) async throws -> Outcome {
        try await StorageLock.hold(storage) {
            if let failure = try Installer(storage).recover().failures.first { throw failure }
            return try await body()
        }
    }

    /// What was kept becomes visible, with a new receipt.
    private func putBack(_ receipt: Receipt, from origin: SetAside.Kind) async throws -> Receipt {
        let store = ReceiptStore(in: storage.receipts)
        let before = PluginSet(try store.all())
        let staging = Staging(in: storage)
        try ReceiptStore.write(receipt, to: staging.receipt(receipt.name))
        let failures = try Installer(storage).install(
            [Journal.Entry(name: receipt.name, change: .put(origin: origin))], from: staging)
        if let failure = failures[receipt.name] { throw failure }
        var sets = try GoodSets(in: storage)
        sets.note(from: before, to: PluginSet(try store.all()))
        try sets.save(in: storage)
        return receipt
    }

    private func writeWithoutHold(_ receipt: Receipt) throws(DiskError) {
        var receipt = receipt
        receipt.rolledBackFrom = nil
        try ReceiptStore.write(
            receipt, to: ReceiptStore(in: storage.receipts).path(of: receipt.name))
    }

    private func notInstalled(_ name: PackageName) throws(DiskError) -> DiskError {
        let isKeptAway = try Installer(storage).keptAway()[name] != nil
        let isRemoved = try SetAside(.removed, of: name, in: storage).receipt() != nil
        let remedy =
            if isKeptAway {
                "Run `pkg plugins restore \(name)`: a rollback set it aside."
            } else if isRemoved {
                "Run `pkg plugins restore \(name)` once the license has it again."
            } else {
                "Run `pkg download-pro`: it installs what the license has."
            }
        return DiskError(.notRestorable, "\(name) is not installed.", remedy: remedy)
    }

    private func changed(_ name: PackageName, _ aside: SetAside, next: String) -> DiskError {
        DiskError(
            .modifiedOnDisk,
            "What is kept of \(name) in \(aside.package) is not what pkg installed.",
            remedy: "It is never brought back: move \(aside.folder) aside; \(next).")
    }
}

extension SetAside {
    /// The receipt of what is set aside, if that is still what was installed, byte for byte.
    func intactReceipt() throws(DiskError) -> Receipt? {
        guard let kept = try receipt(),
            try kept.conditionByContent(in: package) == .intact
        else { return nil }
        return kept
    }
}

extension Receipt {
    /// The hold of the release that takes this one's place by a rollback: none when that returns to
    /// what was rolled back from.
    func afterReturning(to version: SemanticVersion) -> SemanticVersion? {
        rolledBackFrom == version ? nil : self.version
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
