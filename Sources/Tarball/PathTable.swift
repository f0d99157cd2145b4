import Diagnostics

/// All paths of a package so far, so that no two meet on any file system and no file is a folder.
struct PathTable {
    private struct Node {
        let spelling: String
        let isFolder: Bool
        /// Whether the archive has an entry of its own for it, or only something below it.
        var isListed: Bool
    }

    private let maximumFolders: Int
    private var nodes: [String: Node] = [:]
    /// The top folder not counted.
    private var folderCount = 0

    init(maximumFolders: Int) {
        self.maximumFolders = maximumFolders
    }

    /// Adds a file, and the folders above it.
    ///
    /// - Returns: The folders that were not there before, outermost first.
    /// - Throws: `archive.path-twin`, `archive.path-conflict`, `archive.too-many-files`.
    mutating func add(file path: String) throws(TarballError) -> [String] {
        let folders = try addFolders(above: path)
        let key = folded(path)
        if let other = nodes[key] { throw Self.refusal(of: path, against: other, isFolder: false) }
        nodes[key] = Node(spelling: path, isFolder: false, isListed: true)
        return folders
    }

    /// Adds a folder, and the folders above it.
    ///
    /// - Returns: The folders that were not there before, outermost first.
    /// - Throws: As ``add(file:)``.
    mutating func add(folder path: String) throws(TarballError) -> [String] {
        let folders = try addFolders(above: path)
        return try addFolder(path, isListed: true) ? folders + [path] : folders
    }

    private mutating func addFolders(above path: String) throws(TarballError) -> [String] {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return [] }
        let parent = String(path[..<slash])
        // Known, spelled alike, a folder: then everything above it is, too.
        if let node = nodes[folded(parent)] {
            guard node.isFolder, node.spelling.utf8.elementsEqual(parent.utf8) else {
                throw Self.refusal(of: parent, against: node, isFolder: true)
            }
            return []
        }
        let above = try addFolders(above: parent)
        _ = try addFolder(parent, isListed: false)
        return above + [parent]
    }

    private mutating func addFolder(_ path: String, isListed: Bool) throws(TarballError) -> Bool {
        let key = folded(path)
        if let other = nodes[key] {
            // An entry for a folder may come after what lies in it, but only once.
            guard other.isFolder, other.spelling.utf8.elementsEqual(path.utf8), !other.isListed
            else { throw Self.refusal(of: path, against: other, isFolder: true) }
            nodes[key]?.isListed = true
            return false
        }
        nodes[key] = Node(spelling: path, isFolder: true, isListed: isListed)
        folderCount += 1
        guard folderCount <= maximumFolders else {
            throw TarballError(
                .archiveTooManyFiles,
                "The package has more than \(maximumFolders) folders.")
        }
        return true
    }

    private static func refusal(
        of path: String, against other: Node, isFolder: Bool
    ) -> TarballError {
        if other.spelling.utf8.elementsEqual(path.utf8) {
            return other.isFolder == isFolder
                ? TarballError(.archivePathTwin, "\(quoted(path)) is there twice.")
                : TarballError(.archivePathConflict, "\(quoted(path)) is a file and a folder.")
        }
        return TarballError(
            .archivePathTwin,
            "\(quoted(path)) and \(quoted(other.spelling)) are one path on some file systems.")
    }
}
