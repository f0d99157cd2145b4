package import Packages
package import SystemPackage

/// The receipts in `.pkg/receipts`, one file a plugin.
package struct ReceiptStore: Sendable {
    private let folder: FilePath

    package init(in folder: FilePath) {
        self.folder = folder
    }

    package func path(of name: PackageName) -> FilePath {
        Self.path(of: name, in: folder)
    }

    package static func path(of name: PackageName, in folder: FilePath) -> FilePath {
        let path = folder.appending(name.pathComponents)
        return FilePath("\(path.string).receipt")
    }

    /// The receipt of a plugin; nil when there is none or it can no longer be read.
    ///
    /// A broken receipt is as good as none: the plugin's files are then proven anew against the
    /// signed tarball before they count as ours.
    package func receipt(of name: PackageName) throws(DiskError) -> Receipt? {
        try Self.read(path(of: name))
    }

    package static func read(_ path: FilePath) throws(DiskError) -> Receipt? {
        guard try Disk.status(path)?.kind == .file, let bytes = try Disk.read(path) else {
            return nil
        }
        return Receipt(text: bytes)
    }

    /// Writes the receipt of what is staged, which is flushed with it before anything is installed.
    package static func stage(_ receipt: Receipt, to path: FilePath) throws(DiskError) {
        try Disk.makeFolder(path.removingLastComponent())
        try Disk.writeUnflushed(receipt.text, to: path)
    }

    package static func write(_ receipt: Receipt, to path: FilePath) throws(DiskError) {
        try Disk.makeFolder(path.removingLastComponent())
        if let status = try Disk.status(path), status.kind != .file {
            try Disk.rename(path, to: Disk.temporaryPath(for: path))
        }
        try Disk.writeAtomically(receipt.text, to: path)
    }

    /// Every receipt that can be read, by name; not what a killed run had begun to write.
    package func all() throws(DiskError) -> [Receipt] {
        var receipts: [Receipt] = []
        for path in try paths() { try Self.read(path).map { receipts.append($0) } }
        return receipts
    }

    /// The plugins that have a receipt; some may be broken.
    func names() throws(DiskError) -> [PackageName] {
        try paths().compactMap { path in
            let name = path.string.dropFirst(folder.string.count + 1).dropLast(".receipt".count)
            return try? PackageName(String(name))
        }
    }

    /// Where every receipt lies, by name; some may be broken.
    func paths() throws(DiskError) -> [FilePath] {
        try files().filter { $0.extension == "receipt" }
    }

    /// Every file of the store, also such as are no receipts.
    func files() throws(DiskError) -> [FilePath] {
        var files: [FilePath] = []
        for first in try Disk.namesIfFolder(folder) {
            let path = folder.appending(first)
            files +=
                first.hasPrefix("@") ? try Disk.namesIfFolder(path).map(path.appending) : [path]
        }
        return files
    }
}
