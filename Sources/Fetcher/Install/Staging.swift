import Cryptography
package import Packages
package import SystemPackage

/// The folder in which one run gathers what it will put in place: `.pkg/staging/<run>/`.
///
/// ```
/// new/@acme/plugin-x/           what will be visible; after an exchange: what was
/// old/@acme/plugin-x/           what was visible, on file systems that cannot exchange
/// receipts/@acme/plugin-x.receipt  the receipt that goes with new/
/// ```
package struct Staging: Sendable {
    package let name: String
    package let folder: FilePath

    package init(name: String, in storage: StorageFolder) {
        self.name = name
        self.folder = storage.staging.appending(name)
    }

    /// A staging folder of this run's own.
    package init(in storage: StorageFolder) {
        self.init(name: Hex.encode(SecureRandom.bytes(8)), in: storage)
    }

    package func new(_ plugin: PackageName) -> FilePath {
        folder.appending("new").appending(plugin.pathComponents)
    }

    package func old(_ plugin: PackageName) -> FilePath {
        folder.appending("old").appending(plugin.pathComponents)
    }

    package func receipt(_ plugin: PackageName) -> FilePath {
        ReceiptStore.path(of: plugin, in: receipts)
    }

    var receipts: FilePath { folder.appending("receipts") }
}
