import Diagnostics
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// A file that is being written.
///
/// Owns its descriptor.
struct OutputFile: ~Copyable {
    /// Or -1 when it is closed.
    private var descriptor: Int32
    private let path: String

    /// Creates the file; it must not be there yet.
    ///
    /// - Throws: `disk.*`.
    init(_ name: String, in folder: Int32, path: String) throws(TarballError) {
        self.path = path
        descriptor = openat(
            folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw TarballError("create \(quoted(path))", failedWith: Errno(rawValue: errno))
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TarballError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 {
                guard errno == EINTR else { throw failure("write") }
                continue
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Sets mode and time and closes: a file system may report only now that it could not write.
    mutating func finish(mode: mode_t, modificationSeconds: Int64) throws(TarballError) {
        // Not only by `openat`'s mode: the process's umask takes bits away from that.
        guard fchmod(descriptor, mode) == 0 else { throw failure("set the mode of") }
        let time = timespec(tv_sec: Int(modificationSeconds), tv_nsec: 0)
        guard futimens(descriptor, [time, time]) == 0 else { throw failure("set the time of") }
        let closed = close(descriptor)
        // Closed whatever it returns; a second `close` could hit somebody else's descriptor.
        descriptor = -1
        guard closed == 0 || errno == EINTR else { throw failure("close") }
    }

    private func failure(_ operation: String) -> TarballError {
        TarballError("\(operation) \(quoted(path))", failedWith: Errno(rawValue: errno))
    }
}
