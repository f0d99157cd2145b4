package import Cryptography
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
    }

    package let receipt: Receipt
    package let condition: Condition

    package init(receipt: Receipt, condition: Condition) {
        self.receipt = receipt
        self.condition = condition
    }
}

extension Receipt {
    /// How the files in a folder compare with this receipt, by size and time of change: what every
    /// start checks.
    package func condition(in folder: FilePath) throws(DiskError) -> InstalledPlugin.Condition {
        guard try Disk.status(folder)?.isFolder == true else { return .missing }
        var differing: [String] = []
        for file in files {
            let status = try Disk.status(folder.appending(file.path))
            let isSame =
                status?.kind == .file && status?.size == file.size
                && status?.modified == file.modified
            if !isSame { differing.append(file.path) }
        }
        return differing.first.map { .modified($0, count: differing.count) } ?? .intact
    }

    /// The same by content, byte for byte, and without a file too many: what `pkg plugins verify`
    /// checks.
    package func conditionByContent(
        in folder: FilePath
    ) throws(DiskError) -> InstalledPlugin.Condition {
        guard try Disk.status(folder)?.isFolder == true else { return .missing }
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

extension Disk {
    /// The digest of a regular file, read in pieces; nil when there is none at that path.
    package static func sha512(of path: FilePath) throws(DiskError) -> Digest? {
        guard try status(path)?.kind == .file else { return nil }
        var digest = RunningDigest(.sha512)
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
            defer { try? file.close() }
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
            defer { chunk.deallocate() }
            while true {
                let count = try file.read(into: chunk)
                guard count > 0 else { break }
                digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            }
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "read", path)
        }
        return digest.finish()
    }

    /// The path of everything but folders below a folder, relative to it.
    package static func filesBelow(_ folder: FilePath) throws(DiskError) -> [String] {
        var files: [String] = []
        var pending: [String] = [""]
        while let relative = pending.popLast() {
            for name in try names(in: folder.appending(relative)) {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                if try status(folder.appending(path))?.isFolder == true {
                    pending.append(path)
                } else {
                    files.append(path)
                }
            }
        }
        return files
    }
}
