import Foundation
package import SystemPackage

/// A folder's files, held in memory, to be written out again and again.
///
/// A gateway's data folder costs half a second of processor time to make, most of it for one RSA key:
/// tests that do not look at the making share one.
package struct FolderImage: Sendable {
    private struct File: Sendable {
        let path: String
        let content: Data
        let permissions: Int
    }

    private var folders: [(path: String, permissions: Int)] = []
    private var files: [File] = []

    /// Reads a folder of folders and files, and nothing else.
    ///
    /// - Throws: when something in it cannot be read.
    package init(of folder: FilePath) throws {
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.string).sorted() {
            let whole = "\(folder)/\(path)"
            let attributes = try FileManager.default.attributesOfItem(atPath: whole)
            let permissions = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o600
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                folders.append((path, permissions))
            } else {
                let content = try Data(contentsOf: URL(filePath: whole))
                files.append(File(path: path, content: content, permissions: permissions))
            }
        }
    }

    /// Makes the folder with all that is in it.
    ///
    /// - Throws: when something cannot be written.
    package func write(to folder: FilePath) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        for (path, permissions) in folders {
            try manager.createDirectory(
                atPath: "\(folder)/\(path)", withIntermediateDirectories: false,
                attributes: [.posixPermissions: permissions])
        }
        for file in files {
            let path = "\(folder)/\(file.path)"
            try file.content.write(to: URL(filePath: path))
            try manager.setAttributes([.posixPermissions: file.permissions], ofItemAtPath: path)
        }
    }
}
