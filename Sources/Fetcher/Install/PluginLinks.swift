import Diagnostics
import FoundationEssentials
import Glibc
import Packages
import SystemPackage

/// Symbolic links from the folder where the application looks for packages (`node_modules`) to the
/// plugins.
///
/// Only a link that leads into our plugins folder is ours: anything else is never touched.
struct PluginLinks {
    private let folder: FilePath
    private let storage: StorageFolder

    init(from folder: FilePath, to storage: StorageFolder) {
        self.folder = folder
        self.storage = storage
    }

    /// Makes the link unless it is there.
    ///
    /// - Returns: false when something that is not ours stands in its place.
    func place(_ name: PackageName) throws(DiskError) -> Bool {
        let link = folder.appending(name.pathComponents)
        let target = absolute(storage.plugin(name))
        switch try Disk.status(link)?.kind {
        case nil:
            try Disk.makeFolder(link.removingLastComponent())
        case .symbolicLink:
            guard let present = try destination(of: link) else { return false }
            if present == target { return true }
            guard isOurs(present) else { return false }
        default:
            return false
        }
        let temporary = Disk.temporaryPath(for: link)
        guard symlink(target.string, temporary.string) == 0 else {
            let failure = Errno(rawValue: errno)
            throw DiskError(
                .namedPath(failure.rawValue), "Could not link \(link): \(failure.description).",
                cause: failure)
        }
        do {
            try Disk.rename(temporary, to: link)
        } catch {
            unlink(temporary.string)
            throw error
        }
        return true
    }

    /// Drops the links of plugins that are gone, and what a killed run had begun to make.
    ///
    /// - Returns: why others could not be dropped
    func removeStale() throws(DiskError) -> [any Failure] {
        let scopes = try Disk.names(in: storage.plugins).filter { $0.hasPrefix("@") }
        var failures: [any Failure] = []
        for folder in [folder] + scopes.map({ folder.appending($0) }) {
            for link in try links(in: folder) {
                do throws(DiskError) {
                    guard try isStale(link), unlink(link.string) != 0 else { continue }
                    throw DiskError(Errno(rawValue: errno), "remove link", link)
                } catch {
                    failures.append(error)
                }
            }
        }
        return failures
    }

    /// The symbolic links in a folder.
    ///
    /// By what the kernel says while it lists: an application has thousands of packages.
    private func links(in folder: FilePath) throws(DiskError) -> [FilePath] {
        guard let stream = opendir(folder.string) else {
            guard errno != ENOENT, errno != ENOTDIR else { return [] }
            throw DiskError(Errno(rawValue: errno), "list", folder)
        }
        defer { closedir(stream) }
        var links: [FilePath] = []
        while true {
            // readdir(3): the end and an error differ only in errno.
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw DiskError(Errno(rawValue: errno), "list", folder) }
                return links
            }
            guard [DT_LNK, DT_UNKNOWN].contains(Int(entry.pointee.d_type)) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            links.append(folder.appending(name))
        }
    }

    private func isStale(_ link: FilePath) throws(DiskError) -> Bool {
        guard try Disk.status(link)?.kind == .symbolicLink,
            let target = try destination(of: link), isOurs(target)
        else { return false }
        let isBegun = link.extension == "new" && link.lastComponent != target.lastComponent
        if isBegun { return true }
        return try Disk.status(target) == nil
    }

    private func isOurs(_ target: FilePath) -> Bool {
        target.starts(with: absolute(storage.plugins))
    }

    private func destination(of link: FilePath) throws(DiskError) -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link.string, &buffer, buffer.count)
        guard count >= 0 else { throw DiskError(Errno(rawValue: errno), "read link", link) }
        return FilePath(
            String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    private func absolute(_ path: FilePath) -> FilePath {
        guard !path.isAbsolute else { return path.lexicallyNormalized() }
        let current = FilePath(FileManager.default.currentDirectoryPath)
        return current.pushing(path).lexicallyNormalized()
    }
}
