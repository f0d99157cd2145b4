import Diagnostics
import Glibc
import SystemPackage

/// The right to change the plugins of a storage folder, held by one process at a time (flock(2)).
///
/// The kernel drops it when its owner ends, however it ends: a crashed run holds nothing.
package enum StorageLock {
    /// Runs `body` while holding the lock, after waiting for another owner to end.
    ///
    /// - Parameters:
    ///   - storage: The folder to lock; its own folder is made when absent.
    ///   - patience: How long to wait for another owner.
    ///   - waiting: Called once, with the owner's process ID, when there is something to wait for.
    ///   - body: What only the owner may do.
    /// - Returns: What `body` returns.
    /// - Throws: `lock.held` when the time is over, `disk.*`, what `body` throws.
    package static func hold<Value>(
        _ storage: StorageFolder, patience: Duration = .seconds(30),
        waiting: (_ owner: String) -> Void = { _ in }, _ body: () async throws -> Value
    ) async throws -> Value {
        try Disk.makeFolder(storage.own)
        if let status = try Disk.status(storage.lock), status.kind != .file {
            try storage.setBroken(storage.lock)
        }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                storage.lock, .readWrite, options: [.create, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch let error as Errno {
            throw DiskError(error, "open the lock", storage.lock)
        }
        defer { try? file.close() }
        try await acquire(file, storage.lock, patience, waiting)
        guard try isStill(file, at: storage.lock) else {
            // The folder was deleted and made anew meanwhile: whoever comes next locks another file.
            return try await hold(storage, patience: patience, waiting: waiting, body)
        }
        do {
            try file.resize(to: 0)
            try file.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8)
        } catch let error as Errno {
            throw DiskError(error, "write the lock", storage.lock)
        }
        return try await body()
    }

    private static func acquire(
        _ file: FileDescriptor, _ path: FilePath, _ patience: Duration,
        _ waiting: (String) -> Void
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + patience
        var hasWaited = false
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let failure = Errno(rawValue: errno)
            guard failure == .wouldBlock || failure == .interrupted else {
                throw DiskError(failure, "lock", path)
            }
            let owner = owner(of: file)
            if !hasWaited {
                waiting(owner)
                hasWaited = true
            }
            guard clock.now < end else {
                throw DiskError(
                    .lockHeld,
                    "Process \(owner) holds \(path); waited \(patience.components.seconds) s.")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func isStill(
        _ file: FileDescriptor, at path: FilePath
    ) throws(DiskError) -> Bool {
        var held = stat()
        var present = stat()
        guard fstat(file.rawValue, &held) == 0 else {
            throw DiskError(Errno(rawValue: errno), "look at", path)
        }
        guard lstat(path.string, &present) == 0 else { return false }
        return held.st_dev == present.st_dev && held.st_ino == present.st_ino
    }

    /// The process ID in the lock's file; it may be gone or not written yet.
    private static func owner(of file: FileDescriptor) -> String {
        var text = [UInt8](repeating: 0, count: 32)
        let count = try? text.withUnsafeMutableBytes {
            try file.read(fromAbsoluteOffset: 0, into: $0)
        }
        let line = text[..<(count ?? 0)].prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "(unknown)" : String(decoding: line, as: UTF8.self)
    }
}
