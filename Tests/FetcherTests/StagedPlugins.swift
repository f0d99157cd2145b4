import Cryptography
import Fetcher
import FoundationEssentials
import Packages
import SystemPackage
import Testing

/// A storage folder with plugins made by hand: what the installer's tests start from.
struct StagedPlugins {
    let storage: StorageFolder
    let staging: Staging

    init(in folder: FilePath) throws {
        storage = StorageFolder(folder)
        staging = Staging(name: "run", in: storage)
        try Disk.makeFolder(storage.own)
    }

    var installer: Installer { Installer(storage) }

    /// Unpacks a release into the staging folder, as a tarball's unpacking would.
    @discardableResult
    func stage(
        _ name: String, _ version: String, _ files: [String: String], modified: Int? = nil
    ) throws -> Receipt {
        let name = try PackageName(name)
        return try stage(
            name, version, files, modified, folder: staging.new(name),
            receipt: staging.receipt(name))
    }

    /// Installs a release.
    @discardableResult
    func install(
        _ name: String, _ version: String, _ files: [String: String], modified: Int? = nil
    ) throws -> Receipt {
        let receipt = try stage(name, version, files, modified: modified)
        let failures = try installer.install(
            [Journal.Entry(name: receipt.name, change: .put(origin: nil))], from: staging)
        #expect(failures.isEmpty)
        return receipt
    }

    /// The content of a visible file, or nil.
    func visible(_ name: String, _ file: String) throws -> String? {
        let path = storage.plugin(try PackageName(name)).appending(file)
        return try Disk.read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    func receipt(_ name: String) throws -> Receipt? {
        try ReceiptStore(in: storage.receipts).receipt(of: PackageName(name))
    }

    /// Whether the visible files are what the receipt says (invariant I1).
    func isIntact(_ name: String) throws -> Bool {
        guard let receipt = try receipt(name) else { return false }
        return try receipt.conditionByContent(in: storage.plugin(receipt.name)) == .intact
    }

    private func stage(
        _ name: PackageName, _ version: String, _ files: [String: String], _ modified: Int?,
        folder: FilePath, receipt: FilePath
    ) throws -> Receipt {
        var written: [Receipt.File] = []
        for (path, content) in files.sorted(by: { $0.key < $1.key }) {
            let file = folder.appending(path)
            try Disk.makeFolder(file.removingLastComponent())
            try Disk.writeAtomically(Array(content.utf8), to: file)
            if let modified {
                let time = Date(timeIntervalSince1970: TimeInterval(modified))
                try FileManager.default.setAttributes(
                    [.modificationDate: time], ofItemAtPath: file.string)
            }
            let status = try #require(try Disk.status(file))
            written.append(
                Receipt.File(
                    path: path, size: status.size, modified: status.modified,
                    sha512: .of(.sha512, Array(content.utf8))))
        }
        let made = Receipt(
            name: name, version: try SemanticVersion(version),
            tarball: .of(.sha512, Array("\(name)@\(version)".utf8)),
            installed: Date(timeIntervalSince1970: 1_800_000_000), files: written)
        try ReceiptStore.write(made, to: receipt)
        return made
    }
}
