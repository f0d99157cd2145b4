import SignedMetadata
package import SystemPackage

/// The trusted metadata on the customer's disk, under unversioned names.
package struct MetadataFolder: MetadataStore {
    private let folder: FilePath

    package init(_ folder: FilePath) {
        self.folder = folder
    }

    package func load(_ role: String) throws -> [UInt8]? {
        try Disk.read(path(of: role))
    }

    package func save(_ role: String, _ bytes: [UInt8]) throws {
        try Disk.makeFolder(folder)
        try Disk.writeAtomically(bytes, to: path(of: role))
    }

    package func remove(_ role: String) throws {
        try Disk.remove(path(of: role))
    }

    private func path(of role: String) -> FilePath {
        folder.appending("\(encodedFileName(role)).json")
    }
}
