import Diagnostics
import Glibc
import SystemPackage

/// What the file system of the plugins can do, tried in a folder that is removed again.
extension Doctor {
    func examineFileSystem(_ findings: inout Findings) {
        let check = "storage.file-system"
        let storage = settings.storage
        do throws(DiskError) {
            try requireOneFileSystem()
            // As deep as there is something: the storage's parts may be mounts of their own.
            var base = storage.root
            for folder in [storage.plugins, storage.own]
            where try Disk.statusFollowingLinks(folder)?.isFolder == true { base = folder }
            DoctorProbe.removeLeft(in: storage)
            let probe = try DoctorProbe(in: base)
            let weaknesses: [Noticed]
            do throws(DiskError) {
                weaknesses = try self.weaknesses(in: probe.path)
            } catch {
                try? probe.remove()
                throw error
            }
            try probe.remove()
            for weakness in weaknesses { findings.warn(check, weakness) }
            if weaknesses.isEmpty {
                findings.ok(check, "writes, flushes, exchanges folders, tells case apart")
            }
        } catch {
            findings.fail(check, error)
        }
    }

    private func weaknesses(in probe: FilePath) throws(DiskError) -> [Noticed] {
        var found: [Noticed] = []
        let (one, other) = (probe.appending("one"), probe.appending("other"))
        try Disk.writeAtomically([UInt8](repeating: 0x61, count: 4_096), to: one)
        try Disk.makeFolder(other)
        if try !Disk.exchange(one, other) {
            found.append(Noticed(.diskNoExchange, "\(probe.removingLastComponent()) cannot do it."))
        }
        if try Disk.status(probe.appending("ONE")) != nil {
            found.append(
                Noticed(.diskCaseInsensitive, "\(probe.removingLastComponent()) does so."))
        }
        if let folder = settings.linkInto, symlink("one", probe.appending("link").string) != 0 {
            let failure = DiskError(Errno(rawValue: errno), "make a symbolic link in", probe)
            found.append(
                Noticed(
                    failure.code, "Links into \(folder) may fail: \(failure.message)",
                    cause: failure))
        }
        return found
    }

    /// An exchange works inside one file system alone.
    private func requireOneFileSystem() throws(DiskError) {
        let storage = settings.storage
        guard let home = device(of: storage.plugins) else { return }
        var folders = [storage.own, storage.staging]
        for name in try Disk.names(in: storage.plugins) {
            let folder = storage.plugins.appending(name)
            folders.append(folder)
            guard name.hasPrefix("@") else { continue }
            folders += try Disk.names(in: folder).map { folder.appending($0) }
        }
        for folder in folders {
            guard let there = device(of: folder), there != home else { continue }
            throw DiskError(
                .diskCrossDevice, "\(folder) is a mount of its own below \(storage.plugins).")
        }
    }

    private func device(of path: FilePath) -> dev_t? {
        var status = stat()
        return lstat(path.string, &status) == 0 ? status.st_dev : nil
    }
}
