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
        try Disk.writeAtomically(bytes, to: path(of: role))
    }

    package func remove(_ role: String) throws {
        try Disk.remove(path(of: role))
    }

    private func path(of role: String) -> FilePath {
        storage.metadata.appending("\(encodedFileName(role)).json")
    }
}
