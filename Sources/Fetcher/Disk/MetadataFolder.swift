import SignedMetadata
import SystemPackage

/// The trusted metadata on the customer's disk, under unversioned names.
package struct MetadataFolder: MetadataStore {
    private let storage: StorageFolder

    package init(_ storage: StorageFolder) {
        self.storage = storage
    }

    package func load(_ role: String) throws -> [UInt8]? {
        try storage.readOwn(path(of: role))
    }

    package func save(_ role: String, _ bytes: [UInt8]) throws {
        try Disk.makeFolder(storage.metadata)
        // What protects from a rollback must not be forgotten. A role that is delegated to is believed
        // only in the version that the snapshot names, and fetched again when it is broken.
        if isTopLevel(role) {
            try Disk.writeAtomically(bytes, to: path(of: role))
        } else {
            try Disk.writeUnflushed(bytes, to: path(of: role))
        }
    }

    package func remove(_ role: String) throws {
        try Disk.remove(path(of: role))
    }

    // MARK: Small signed targets, such as the list of license keys

    /// A target that an earlier run fetched, if it is still what the metadata says; else nil.
    func file(_ target: TargetDescription) throws -> [UInt8]? {
        guard let bytes = try storage.readOwn(path(ofFile: target.path)),
            (try? target.check(bytes)) != nil
        else { return nil }
        return bytes
    }

    func saveFile(_ target: String, _ bytes: [UInt8]) throws {
        let path = path(ofFile: target)
        try Disk.makeFolder(path.removingLastComponent())
        // Believed only with the hash that the metadata says.
        try Disk.writeUnflushed(bytes, to: path)
    }

    func removeFile(_ target: String) throws {
        try Disk.remove(path(ofFile: target))
    }

    private func path(ofFile target: String) -> FilePath {
        storage.metadata.appending("files").appending(encodedFileName(target))
    }

    private func path(of role: String) -> FilePath {
        storage.metadata.appending("\(encodedFileName(role)).json")
    }
}
