import Diagnostics
import FoundationEssentials
import Glibc
import Licensing
import SystemPackage

/// The storage folder: is it there, whose is it, has it room, who is at work in it.
extension Doctor {
    func examineStorage(_ findings: inout Findings) {
        let storage = settings.storage
        let rest = "the storage folder cannot be used"
        do {
            guard let status = try Disk.statusFollowingLinks(storage.root) else {
                examineAbsentStorage(&findings)
                return
            }
            guard status.isFolder else {
                throw DiskError(.diskUnexpectedFile, "\(storage.root) is no folder.")
            }
            findings.ok("storage.folder", "\(storage.root)")
        } catch {
            findings.fail("storage.folder", error)
            return findings.skip(
                "storage.owner", "storage.secrets", "storage.space", "storage.file-system",
                "storage.lock", "plugins.files", because: rest)
        }
        examineOwner(&findings)
        examineSecrets(&findings)
        examineSpace(of: storage.root, &findings)
        examineFileSystem(&findings)
        if examineLock(&findings) {
            findings.skip("plugins.files", because: "another run may be changing them")
        } else {
            examinePlugins(&findings)
        }
    }

    /// The first run makes it, where it may.
    private func examineAbsentStorage(_ findings: inout Findings) {
        let root = settings.storage.root
        let absolute =
            root.isAbsolute
            ? root : FilePath(FileManager.default.currentDirectoryPath).pushing(root)
        var parent = absolute.lexicallyNormalized().removingLastComponent()
        while access(parent.string, F_OK) != 0, parent.removeLastComponent() {}
        if access(parent.string, W_OK | X_OK) == 0 {
            findings.ok("storage.folder", "\(root) is not there yet: the first run makes it")
        } else {
            findings.fail(
                "storage.folder", DiskError(Errno(rawValue: errno), "make \(root) in", parent))
        }
        examineSpace(of: parent, &findings)
        findings.skip(
            "storage.owner", "storage.secrets", "storage.file-system", "storage.lock",
            "plugins.files", because: "the storage folder is not there yet")
    }

    private func examineOwner(_ findings: inout Findings) {
        let check = "storage.owner"
        var status = stat()
        guard stat(settings.storage.root.string, &status) == 0 else {
            return findings.fail(
                check, DiskError(Errno(rawValue: errno), "look at", settings.storage.root))
        }
        do {
            try settings.storage.requireOwn()
        } catch {
            return findings.fail(check, error)
        }
        let user = geteuid()
        guard status.st_uid != user else {
            return findings.ok(check, "user \(user), as pkg runs")
        }
        findings.warn(
            check,
            Noticed(
                .diskForeignOwner,
                "\(settings.storage.root) belongs to user \(status.st_uid); pkg runs as user \(user)."
            ))
    }

    private func examineSecrets(_ findings: inout Findings) {
        let check = "storage.secrets"
        let folder = settings.storage.license
        var status = stat()
        guard stat(folder.string, &status) == 0 else {
            guard errno != ENOENT else {
                return findings.skip(check, because: "there are none yet")
            }
            return findings.fail(check, DiskError(Errno(rawValue: errno), "look at", folder))
        }
        guard status.st_mode & 0o077 != 0 else {
            return findings.ok(check, "readable by their owner alone")
        }
        let mode = String(status.st_mode & 0o777, radix: 8)
        findings.warn(
            check, Noticed(.diskSecretsReadable, "\(folder) has the mode \(mode)."))
    }

    private func examineSpace(of folder: FilePath, _ findings: inout Findings) {
        var figures = statvfs()
        guard statvfs(folder.string, &figures) == 0 else {
            return findings.fail(
                "storage.space", DiskError(Errno(rawValue: errno), "look at", folder))
        }
        let free = Int64(figures.f_bavail) * Int64(figures.f_frsize)
        // Some file systems count no inodes and say 0 of 0.
        let inodes = figures.f_files == 0 ? nil : Int64(figures.f_favail)
        let words =
            "\(free >> 20) MiB free" + (inodes.map { ", \($0) inodes" } ?? "") + " at \(folder)"
        if free < Self.leastBytes || inodes ?? .max < Self.leastInodes {
            findings.fail("storage.space", Noticed(.diskFull, "Only \(words)."))
        } else if free < Self.plentyBytes || inodes ?? .max < Self.plentyInodes {
            findings.warn("storage.space", Noticed(.diskNearlyFull, "Only \(words)."))
        } else {
            findings.ok("storage.space", words)
        }
    }

    /// Below these nothing can be installed; below the others something may not.
    private static let leastBytes: Int64 = 4 << 20
    private static let leastInodes: Int64 = 100
    private static let plentyBytes: Int64 = 200 << 20
    private static let plentyInodes: Int64 = 10_000

    /// Somebody at work is nothing bad, and says why a run waits.
    ///
    /// - Returns: whether somebody is
    private func examineLock(_ findings: inout Findings) -> Bool {
        let check = "storage.lock"
        do {
            guard let owner = try StorageLock.owner(of: settings.storage) else {
                findings.ok(check, "nobody holds it")
                return false
            }
            let name = (try? Disk.read(FilePath("/proc/\(owner)/comm"))) ?? nil
            let words = name.map { " (\(String(decoding: $0.dropLast(), as: UTF8.self)))" } ?? ""
            findings.warn(
                check,
                Noticed(.lockHeld, "Process \(owner)\(words) holds \(settings.storage.lock)."))
            return true
        } catch {
            findings.fail(check, error)
            return false
        }
    }

    private func examinePlugins(_ findings: inout Findings) {
        let check = "plugins.files"
        do throws(DiskError) {
            let lines = try Inventory(of: settings.storage).lines.filter(\.isInstalled)
            let changed = lines.filter { !$0.isIntact }
            guard changed.isEmpty else {
                let names = changed.map { "\($0.name): \($0.condition)" }
                return findings.warn(
                    check, Noticed(.modifiedOnDisk, names.joined(separator: "; ") + "."))
            }
            findings.ok(check, "\(lines.count) installed, none changed")
        } catch {
            findings.fail(check, error)
        }
    }
}
