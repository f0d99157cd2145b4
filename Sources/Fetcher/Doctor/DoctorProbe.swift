import Diagnostics
import Glibc
import SystemPackage

/// The folder in which the doctor tries what a file system can do, and which it removes again.
///
/// Locked while a doctor is at work in it: one that nobody locks was left by a doctor that was killed.
struct DoctorProbe {
    let path: FilePath
    private let folder: FileDescriptor
    private static let prefix = ".pkg-doctor-"

    /// Makes it.
    ///
    /// - Parameter base: the folder that it is made in
    /// - Throws: ``DiskError``.
    init(in base: FilePath) throws(DiskError) {
        path = base.appending("\(Self.prefix)\(getpid())-\(UInt32.random(in: .min ... .max))")
        try Disk.makeFolder(path)
        do {
            folder = try FileDescriptor.open(
                path, .readOnly, options: [.directory, .noFollow, .closeOnExec])
        } catch {
            try Disk.remove(path)
            throw DiskError(of: error, "open", path)
        }
        // Where folders cannot be locked the process number alone says whose it is.
        _ = flock(folder.rawValue, LOCK_EX | LOCK_NB)
    }

    func remove() throws(DiskError) {
        defer { try? folder.close() }
        try Disk.remove(path)
    }

    /// Removes those that doctors left that were killed, as far as that can be.
    static func removeLeft(in storage: StorageFolder) {
        for base in [storage.root, storage.plugins, storage.own] {
            for name in (try? Disk.namesIfFolder(base)) ?? [] where name.hasPrefix(prefix) {
                let path = base.appending(name)
                guard isLeft(path, pid_t(name.dropFirst(prefix.count).prefix { $0.isNumber }))
                else {
                    continue
                }
                try? Disk.remove(path)
            }
        }
    }

    /// Of another container's doctor the process number says nothing, and the lock does.
    private static func isLeft(_ path: FilePath, _ owner: pid_t?) -> Bool {
        if let owner, owner > 0, owner != getpid(), kill(owner, 0) == 0 || errno == EPERM {
            return false
        }
        let options: FileDescriptor.OpenOptions = [.directory, .noFollow, .closeOnExec]
        guard let folder = try? FileDescriptor.open(path, .readOnly, options: options) else {
            return false
        }
        defer { try? folder.close() }
        return flock(folder.rawValue, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK
    }
}
