import CanonicalJSON
import Cryptography
import Glibc
import Packages
package import SystemPackage

/// A plugin that this fetcher installed, and whether its files are still what was installed.
package struct InstalledPlugin: Sendable {
    package enum Condition: Equatable, Sendable {
        case intact
        /// The first of the files that differ, and how many.
        case modified(String, count: Int)
        case missing
        /// Something that this fetcher did not install stands in its place: what, in words, and
        /// where.
        case foreign(String, at: FilePath)
    }

    package let receipt: Receipt
    package let condition: Condition

    package init(receipt: Receipt, condition: Condition) {
        self.receipt = receipt
        self.condition = condition
    }
}

extension Receipt {
    /// How the files in a folder compare with this receipt, by size and time of change, and
    /// `package.json` by content: what every start checks.
    ///
    /// Releases that `npm pack` made have all the same times, and two may have the same sizes; their
    /// `package.json` names another version.
    package func condition(in folder: FilePath) throws(DiskError) -> InstalledPlugin.Condition {
        guard let status = try Disk.status(folder) else { return .missing }
        guard status.isFolder else { return .foreign("a link or file", at: folder) }
        var differing: [String] = []
        var statuses = try FileStatuses(below: folder)
        for file in files {
            let status = try statuses.status(file.path)
            var isSame =
                status?.kind == .file && status?.size == file.size
                && status?.modified == file.modified
            if isSame, file.path == "package.json" {
                isSame = try Disk.sha512(of: folder.appending(file.path)) == file.sha512
            }
            if !isSame { differing.append(file.path) }
        }
        return differing.first.map { .modified($0, count: differing.count) } ?? .intact
    }

    /// The same by content, byte for byte, and without a file too many: what `pkg plugins verify`
    /// checks.
    package func conditionByContent(
        in folder: FilePath
    ) throws(DiskError) -> InstalledPlugin.Condition {
        guard let status = try Disk.status(folder) else { return .missing }
        guard status.isFolder else { return .foreign("a link or file", at: folder) }
        var differing: [String] = []
        var unexpected = Set(try Disk.filesBelow(folder))
        for file in files {
            unexpected.remove(file.path)
            if try Disk.sha512(of: folder.appending(file.path)) != file.sha512 {
                differing.append(file.path)
            }
        }
        differing += unexpected.sorted()
        return differing.first.map { .modified($0, count: differing.count) } ?? .intact
    }
}

extension Receipt {
    /// What files that differ from this receipt are when they are no damage.
    ///
    /// A checkout, or another version that somebody put there: no run replaces those.
    ///
    /// - Returns: ``InstalledPlugin/Condition/foreign(_:at:)`` or nil.
    func foreignCondition(in folder: FilePath) throws(DiskError) -> InstalledPlugin.Condition? {
        if try Disk.status(folder.appending(".git")) != nil {
            return .foreign("a git checkout", at: folder)
        }
        if let version = try Disk.packageVersion(in: folder), version != self.version {
            return .foreign("version \(version), which pkg did not install", at: folder)
        }
        return nil
    }
}

extension Disk {
    /// The version that a folder's `package.json` names, or nil.
    static func packageVersion(in folder: FilePath) throws(DiskError) -> SemanticVersion? {
        guard try status(folder)?.isFolder == true,
            let bytes = try read(folder.appending("package.json"), maximumBytes: 1 << 20),
            let text = (try? parseJSON(bytes))?["version"]?.string
        else { return nil }
        return try? SemanticVersion(text)
    }
}

extension Receipt {
    /// The receipt with the times that its files have now, when all of them are still there byte for
    /// byte; else nil.
    func withTimesOfEqualFiles(in folder: FilePath) throws(DiskError) -> Receipt? {
        var files: [File] = []
        for file in self.files {
            let path = folder.appending(file.path)
            guard let status = try Disk.status(path), status.size == file.size,
                try Disk.sha512(of: path) == file.sha512
            else { return nil }
            files.append(
                File(
                    path: file.path, size: status.size, modified: status.modified,
                    sha512: file.sha512))
        }
        return Receipt(
            name: name, version: version, tarball: tarball, installed: installed, files: files,
            rolledBackFrom: rolledBackFrom)
    }
}

extension InstalledPlugin.Condition: CustomStringConvertible {
    package var description: String {
        switch self {
        case .intact: "ok"
        case .missing: "its folder is gone"
        case .foreign(let what, let path):
            "\(what) stands in its place; left alone: move \(path) aside, then run "
                + "`pkg download-pro`"
        case .modified(let path, 1): "\(path) was changed on disk"
        case .modified(let path, let count): "\(path) and \(count - 1) more were changed on disk"
        }
    }
}
