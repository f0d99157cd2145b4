package import CanonicalJSON
package import FoundationEssentials
import Packages
package import SystemPackage

/// What `pkg` keeps beside the installed plugins, and `pkg plugins clean` deletes.
package struct Leftovers: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Releases that an update took the place of: what `rollback` needs.
        case previous
        /// Plugins that the license lost: what `restore` needs.
        case removed
        /// Folders with changed files that a repair took the place of.
        case replaced
        /// What was in the way, or half done and no longer understood.
        case broken
        /// Downloads that were not finished.
        case tarballs
    }

    package struct Item: Sendable {
        package let kind: Kind
        package let path: FilePath
        /// Of its files together.
        package let bytes: Int64
    }

    package let items: [Item]
    /// What operators decided by rolling back, which no deletion ends.
    package let holds: [Hold]
    private let storage: StorageFolder

    /// Looks for what was kept before a moment.
    ///
    /// - Parameters:
    ///   - storage: the storage folder
    ///   - limit: what was set aside later is passed over
    /// - Throws: ``DiskError``.
    package init(in storage: StorageFolder, before limit: Date) throws(DiskError) {
        let latest = limit.timeIntervalSince1970 * 1_000_000_000
        var items: [Item] = []
        for kind in Kind.allCases {
            for path in try Self.paths(of: kind, in: storage) {
                guard let status = try Disk.status(path), Double(status.modified) <= latest else {
                    continue
                }
                items.append(Item(kind: kind, path: path, bytes: try Self.bytes(of: path)))
            }
        }
        self.items = items.filter { $0.kind != .removed || !Self.isReceiptAlone($0.path) }
        holds = try Hold.all(in: storage)
        self.storage = storage
    }

    /// Deletes them, and what a doctor left that was killed.
    ///
    /// - Throws: ``DiskError``; what was deleted until then is gone.
    package func delete() throws(DiskError) {
        DoctorProbe.removeLeft(in: storage)
        for item in items {
            if item.kind == .removed {
                try Installer(storage).forget(item.path)
            } else {
                try Disk.remove(item.path)
            }
        }
    }

    package var bytes: Int64 { items.reduce(0) { $0 + $1.bytes } }

    /// How many there are of a kind, and how many bytes they take.
    package func sum(of kind: Kind) -> (count: Int, bytes: Int64) {
        let items = items.filter { $0.kind == kind }
        return (items.count, items.reduce(0) { $0 + $1.bytes })
    }

    package func json(isDryRun: Bool) -> JSONValue {
        [
            "schema": 1, "dry_run": .bool(isDryRun), "bytes": .integer(bytes),
            "items": .array(
                items.map { item in
                    [
                        "kind": .string(item.kind.rawValue), "path": .string(item.path.string),
                        "bytes": .integer(item.bytes),
                    ]
                }),
            "holds": .array(
                holds.map { hold in
                    [
                        "name": .string("\(hold.name)"),
                        "installed": hold.installed.map { .string("\($0)") } ?? .null,
                        "rolled_back_from": .string("\(hold.origin)"),
                    ]
                }),
        ]
    }

    /// The entries of a folder of ours; below `@scope` in those that are by plugin.
    private static func paths(
        of kind: Kind, in storage: StorageFolder
    ) throws(DiskError) -> [FilePath] {
        let folder =
            switch kind {
            case .previous: storage.previous
            case .removed: storage.removed
            case .replaced: storage.replaced
            case .broken: storage.broken
            case .tarballs: storage.tarballs
            }
        let isByPlugin = kind == .previous || kind == .removed
        var paths: [FilePath] = []
        for name in try Disk.namesIfFolder(folder) {
            let path = folder.appending(name)
            if isByPlugin, name.hasPrefix("@"), try Disk.status(path)?.isFolder == true {
                paths += try Disk.names(in: path).map { path.appending($0) }
            } else {
                paths.append(path)
            }
        }
        return paths
    }

    private static func bytes(of path: FilePath) throws(DiskError) -> Int64 {
        guard let status = try Disk.status(path) else { return 0 }
        guard status.isFolder else { return status.size }
        var bytes: Int64 = 0
        for file in try Disk.filesBelow(path) {
            bytes += try Disk.status(path.appending(file))?.size ?? 0
        }
        return bytes
    }

    /// A receipt that keeps a plugin away takes no space worth the name.
    private static func isReceiptAlone(_ folder: FilePath) -> Bool {
        (try? Disk.names(in: folder)) == ["receipt"]
    }
}

extension Installer {
    /// Deletes a removed plugin, but for the receipt of one that an operator rolled back from: that
    /// keeps it from being installed again.
    func forget(_ removed: FilePath) throws(DiskError) {
        let receipt = try ReceiptStore.read(removed.appending("receipt"))
        guard let receipt, receipt.isKeptAway else { return try Disk.remove(removed) }
        try Disk.remove(removed.appending("package"))
    }

    /// The plugins that an operator rolled back from altogether, each with the version that is not
    /// to be installed again by itself.
    func keptAway() throws(DiskError) -> [PackageName: SemanticVersion] {
        var versions: [PackageName: SemanticVersion] = [:]
        for name in try pluginNames(in: storage.removed) {
            let path = SetAside(.removed, of: name, in: storage).receiptPath
            if let receipt = try ReceiptStore.read(path), receipt.isKeptAway {
                versions[name] = receipt.version
            }
        }
        return versions
    }
}

extension Receipt {
    /// Whether the plugin was set aside by an operator who went back to a set without it.
    var isKeptAway: Bool { rolledBackFrom == version }
}
