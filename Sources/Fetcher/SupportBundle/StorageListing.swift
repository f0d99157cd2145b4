import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Glibc
import SystemPackage

/// Names, sizes, times, modes and owners of what lies in the storage folder; no content.
struct StorageListing {
    private(set) var lines: [String] = []
    private static let limit = 20_000

    init(of storage: StorageFolder) {
        add(storage.root, as: ".")
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func add(_ path: FilePath, as name: String) {
        guard lines.count < Self.limit else {
            if lines.count == Self.limit { lines.append("… and more") }
            return
        }
        var status = stat()
        guard lstat(path.string, &status) == 0 else {
            lines.append("?  \(printable(name)): \(Errno(rawValue: errno))")
            return
        }
        let kind =
            switch status.st_mode & S_IFMT {
            case S_IFDIR: "d"
            case S_IFLNK: "l"
            case S_IFREG: "-"
            default: "?"
            }
        let mode = String(status.st_mode & 0o7777, radix: 8)
        let time = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec)).wireText
        lines.append(
            "\(kind) \(mode) \(status.st_uid):\(status.st_gid) \(status.st_size) \(time) "
                + printable(name))
        guard kind == "d" else { return }
        for child in (try? Disk.names(in: path)) ?? [] {
            add(path.appending(child), as: name == "." ? child : "\(name)/\(child)")
        }
    }
}
