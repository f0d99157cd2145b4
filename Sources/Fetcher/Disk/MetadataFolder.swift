import SignedMetadata
import Synchronization
import SystemPackage

/// The trusted metadata on the customer's disk, under unversioned names.
package struct MetadataFolder: MetadataStore {
    private let storage: StorageFolder
    private let scratch: Scratch?

    package init(_ storage: StorageFolder) {
        self.storage = storage
        scratch = nil
    }

    /// What is there, and in memory what is saved: the disk stays as it is.
    init(readingOnly storage: StorageFolder) {
        self.storage = storage
        scratch = Scratch()
    }

    /// Whether what is saved is there in the next run.
    var isKept: Bool { scratch == nil }

    package func load(_ role: String) throws -> [UInt8]? {
        try read(path(of: role))
    }

    package func save(_ role: String, _ bytes: [UInt8]) throws {
        // What protects from a rollback must not be forgotten. A role that is delegated to is believed
        // only in the version that the snapshot names, and fetched again when it is broken.
        try write(bytes, to: path(of: role), flushing: isTopLevel(role))
    }

    package func remove(_ role: String) throws {
        try remove(path(of: role))
    }

    private func read(_ path: FilePath) throws -> [UInt8]? {
        guard let scratch else { return try storage.readOwn(path) }
        if let saved = scratch.files.withLock({ $0[path] }) { return saved }
        return try storage.readOwnAsItIs(path)
    }

    private func write(_ bytes: [UInt8], to path: FilePath, flushing isFlushed: Bool) throws {
        if let scratch { return scratch.files.withLock { $0[path] = .some(bytes) } }
        try Disk.makeFolder(path.removingLastComponent())
        if isFlushed {
            try Disk.writeAtomically(bytes, to: path)
        } else {
            try Disk.writeUnflushed(bytes, to: path)
        }
    }

    private func remove(_ path: FilePath) throws {
        if let scratch { return scratch.files.withLock { $0[path] = .some(nil) } }
        try Disk.remove(path)
    }

    /// What would have been written; nil for what would have been removed.
    private final class Scratch: Sendable {
        let files = Mutex<[FilePath: [UInt8]?]>([:])
    }

    // MARK: Small signed targets, such as the list of license keys

    /// A target that an earlier run fetched, if it is still what the metadata says; else nil.
    func file(_ target: TargetDescription) throws -> [UInt8]? {
        guard let bytes = try read(path(ofFile: target.path)),
            (try? target.check(bytes)) != nil
        else { return nil }
        return bytes
    }

    func saveFile(_ target: String, _ bytes: [UInt8]) throws {
        // Believed only with the hash that the metadata says; but where there is no network any more
        // a file that a power failure took cannot be fetched again, and no license is believed.
        try write(bytes, to: path(ofFile: target), flushing: true)
    }

    func removeFile(_ target: String) throws {
        try remove(path(ofFile: target))
    }

    private func path(ofFile target: String) -> FilePath {
        storage.metadata.appending("files").appending(encodedFileName(target))
    }

    private func path(of role: String) -> FilePath {
        storage.metadata.appending("\(encodedFileName(role)).json")
    }
}
