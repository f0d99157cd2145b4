package import Packages

/// What an operator decided by rolling back: a release that no run installs by itself.
package struct Hold: Sendable {
    package let name: PackageName
    /// What is installed in its place; nil when the plugin is set aside.
    package let installed: SemanticVersion?
    /// The release that was rolled back from.
    package let origin: SemanticVersion

    /// Every hold, by the plugin's name.
    ///
    /// - Parameter storage: The storage folder.
    /// - Returns: Those of installed plugins and of such as are set aside.
    /// - Throws: ``DiskError``.
    package static func all(in storage: StorageFolder) throws(DiskError) -> [Hold] {
        let receipts = try ReceiptStore(in: storage.receipts).all()
        let installed = Set(receipts.map(\.name))
        var holds = receipts.compactMap { receipt in
            receipt.rolledBackFrom.map {
                Hold(name: receipt.name, installed: receipt.version, origin: $0)
            }
        }
        for (name, version) in try Installer(storage).keptAway() where !installed.contains(name) {
            holds.append(Hold(name: name, installed: nil, origin: version))
        }
        return holds.sorted { $0.name.description < $1.name.description }
    }

    /// The verb that ends it.
    var wayOut: String { "pkg plugins \(installed == nil ? "restore" : "rollback") \(name)" }

    /// That it was ended, and what follows.
    package var ended: String {
        let what =
            installed.map { "The hold of \(name) on \($0) is lifted" }
            ?? "\(name) no longer stays away"
        return
            "\(what); the next `pkg download-pro` installs \(origin) where it fits the application."
    }
}

extension Hold: CustomStringConvertible {
    package var description: String {
        guard let installed else {
            return "\(name) stays away, rolled back from \(origin): `\(wayOut)` ends that"
        }
        return "\(name) stays at \(installed), rolled back from \(origin): `\(wayOut)` ends that"
    }
}
