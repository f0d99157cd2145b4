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
        try storage.requireOwn()
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
        try await acquire(file, LOCK_EX, storage.lock, patience, waiting)
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
        // Whoever only looks holds the lock without a name: nobody is told of one who is gone.
        defer { try? file.resize(to: 0) }
        return try await body()
    }

    /// Runs `body` while nobody changes the plugins, and leaves no trace on the disk.
    ///
    /// For what only looks; several may do so at once.
    ///
    /// - Parameters:
    ///   - storage: The folder; one that was never locked has nobody who changes it.
    ///   - patience: How long to wait for the owner.
    ///   - waiting: Called once, with the owner's process ID, when there is something to wait for.
    ///   - body: What only looks.
    /// - Returns: What `body` returns.
    /// - Throws: `lock.held` when the time is over, `disk.*`, what `body` throws.
    package static func share<Value>(
        _ storage: StorageFolder, patience: Duration = .seconds(30),
        waiting: (_ owner: String) -> Void = { _ in }, _ body: () async throws -> Value
    ) async throws -> Value {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                storage.lock, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            return try await body()
        } catch let error as Errno {
            throw DiskError(error, "open the lock", storage.lock)
        }
        defer { try? file.close() }
        try await acquire(file, LOCK_SH, storage.lock, patience, waiting)
        guard try isStill(file, at: storage.lock) else {
            return try await share(storage, patience: patience, waiting: waiting, body)
        }
        return try await body()
    }

    /// The process ID of who holds the lock at this moment; nil when nobody does.
    ///
    /// Asks for a shared lock and gives it back at once: a run that comes in that moment tries again.
    ///
    /// - Parameter storage: the folder
    /// - Returns: the process ID
    /// - Throws: ``DiskError`` when the lock's file cannot be looked at.
    static func owner(of storage: StorageFolder) throws -> String? {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                storage.lock, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open the lock", storage.lock)
        }
        defer { try? file.close() }
        guard flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 else { return nil }
        let failure = Errno(rawValue: errno)
        guard failure == .wouldBlock else { throw DiskError(failure, "lock", storage.lock) }
        return owner(of: file)
    }

    private static func acquire(
        _ file: FileDescriptor, _ mode: Int32, _ path: FilePath, _ patience: Duration,
        _ waiting: (String) -> Void
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + patience
        var hasWaited = false
        while flock(file.rawValue, mode | LOCK_NB) != 0 {
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
