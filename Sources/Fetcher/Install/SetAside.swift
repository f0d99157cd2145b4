package import Packages
package import SystemPackage

/// What was set aside of a plugin: `.pkg/previous/@acme/plugin-x/` or `.pkg/removed/…`.
package struct SetAside: Sendable {
    /// Why it was set aside.
    package enum Kind: String, Sendable {
        /// An update took its place.
        case previous
        /// The license lost it.
        case removed
    }

    package let folder: FilePath

    package init(_ kind: Kind, of plugin: PackageName, in storage: StorageFolder) {
        let base =
            switch kind {
            case .previous: storage.previous
            case .removed: storage.removed
            }
        folder = base.appending(plugin.pathComponents)
    }

    package var package: FilePath { folder.appending("package") }
    package var receiptPath: FilePath { folder.appending("receipt") }

    /// The receipt of what is set aside, or nil when nothing is.
    package func receipt() throws(DiskError) -> Receipt? {
        guard try Disk.status(package)?.isFolder == true else { return nil }
        return try ReceiptStore.read(receiptPath)
    }
}
