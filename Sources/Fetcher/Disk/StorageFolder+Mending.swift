import Glibc
package import SystemPackage

/// Our own folder put right: whatever stands there in another shape than ours is moved to
/// `.pkg/broken/`, and what it held is made anew.
extension StorageFolder {
    /// Moves aside files where our folders belong, and anything else where our files belong.
    package func mend() throws(DiskError) {
        for path in try misplaced() { try setBroken(path) }
    }

    /// What stands in the place of our folders and files and has another shape.
    package func misplaced() throws(DiskError) -> [FilePath] {
        var paths: [FilePath] = []
        for folder in [
            broken, staging, receipts, previous, removed, replaced, tarballs, metadata,
        ] {
            if let status = try Disk.status(folder), !status.isFolder { paths.append(folder) }
        }
        for file in [journal, report, sets] {
            if let status = try Disk.status(file), status.kind != .file { paths.append(file) }
        }
        return paths
    }

    /// The content of one of our own files; one that is no regular file is moved aside and is as
    /// good as none.
    package func readOwn(_ file: FilePath) throws(DiskError) -> [UInt8]? {
        try mend(file)
        return try Disk.read(file)
    }

    /// Moves aside what stands in the place of one of our files and is none.
    func mend(_ file: FilePath) throws(DiskError) {
        if let status = try Disk.status(file), status.kind != .file { try setBroken(file) }
    }

    /// The content of one of our own files, for who changes nothing: what is no regular file is as
    /// good as none.
    func readOwnAsItIs(_ file: FilePath) throws(DiskError) -> [UInt8]? {
        try Disk.status(file)?.kind == .file ? Disk.read(file) : nil
    }

    /// Moves what stands at a path to `.pkg/broken/`.
    package func setBroken(_ path: FilePath) throws(DiskError) {
        if let status = try Disk.status(broken), !status.isFolder {
            let aside = Disk.temporaryPath(for: broken)
            try Disk.rename(broken, to: aside)
            try keep(aside, in: broken, as: "broken")
            guard path != broken else { return }
        }
        try keep(path, in: broken, as: path.lastComponent?.string ?? "unnamed")
    }

    /// Moves something into a folder of its own below one of ours.
    ///
    /// The time of that folder is when this was done, and from then on it is kept; what is moved
    /// may be older than that.
    func keep(_ path: FilePath, in folder: FilePath, as name: String) throws(DiskError) {
        let own = Disk.temporaryPath(for: folder.appending(name))
        try Disk.makeFolder(own)
        do {
            try Disk.rename(path, to: own.appending(name))
        } catch {
            rmdir(own.string)
            throw error
        }
    }
}
