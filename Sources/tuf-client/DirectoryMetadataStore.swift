import Glibc
import SignedMetadata
import SystemPackage

/// Verified metadata in a folder: `root.json`, `timestamp.json`, … and `root_history/2.root.json`.
struct DirectoryMetadataStore: MetadataStore {
    private let folder: FilePath

    init(folder: FilePath) throws {
        self.folder = folder
        try makeFolder(folder)
        try makeFolder(folder.appending("root_history"))
    }

    func load(_ role: String) throws -> [UInt8]? {
        do {
            return try readWholeFile(path(of: role))
        } catch Errno.noSuchFileOrDirectory {
            return nil
        }
    }

    func save(_ role: String, _ bytes: [UInt8]) throws {
        let path = path(of: role)
        let file = try TemporaryFile(in: folder)
        do {
            try file.descriptor.writeAll(bytes)
            try file.move(to: path)
        } catch {
            file.remove()
            throw error
        }
    }

    func remove(_ role: String) throws {
        guard unlink(path(of: role).string) != 0, errno != ENOENT else { return }
        throw Errno(rawValue: errno)
    }

    private func path(of role: String) -> FilePath {
        let parts = role.split(separator: ".", omittingEmptySubsequences: false)
        let isHistory = parts.count == 2 && parts[1] == "root" && UInt64(parts[0]) != nil
        let parent = isHistory ? folder.appending("root_history") : folder
        return parent.appending("\(encodedFileName(role)).json")
    }
}
