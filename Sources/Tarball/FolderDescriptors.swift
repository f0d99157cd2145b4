import Diagnostics
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Open descriptors of the folders that were used last, so that a file costs one `openat` and not
/// one for each component of its path.
///
/// Bounded, because 8 packages may be unpacked at once and a process has 1,024 descriptors. npm
/// sorts a package's files by extension, so a handful of recent folders is not enough.
struct FolderDescriptors: ~Copyable {
    private static let capacity = 32

    private struct Slot {
        let descriptor: Int32
        var lastUse: UInt64
    }

    private let root: Int32
    private var slots: [String: Slot] = [:]
    private var clock: UInt64 = 0

    /// The root's descriptor stays the caller's.
    init(root: Int32) {
        self.root = root
    }

    deinit {
        for slot in slots.values { close(slot.descriptor) }
    }

    /// Forgets all of them.
    mutating func closeAll() {
        for slot in slots.values { close(slot.descriptor) }
        slots = [:]
    }

    /// Opens a folder that is there, or finds it open.
    ///
    /// - Parameter path: Below the root, as it was created.
    /// - Returns: Its descriptor, valid until the next call.
    /// - Throws: `disk.*`; a link is not followed.
    mutating func descriptor(of path: String) throws(TarballError) -> Int32 {
        clock += 1
        if let index = slots.index(forKey: path) {
            slots.values[index].lastUse = clock
            return slots.values[index].descriptor
        }
        var parent = root
        var name = path
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
            parent = try descriptor(of: String(path[..<slash]))
            name = String(path[path.utf8.index(after: slash)...])
        }
        let descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TarballError("open \(quoted(path))", failedWith: Errno(rawValue: errno))
        }
        if slots.count >= Self.capacity { closeOldest() }
        slots[path] = Slot(descriptor: descriptor, lastUse: clock)
        return descriptor
    }

    private mutating func closeOldest() {
        guard let oldest = slots.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
        close(oldest.value.descriptor)
        slots[oldest.key] = nil
    }
}
