package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// What lies in an open folder: listed and removed by descriptor, never by path.
package enum FolderContent {
    /// The names in it but `.` and `..`, as the kernel has them: they may be no UTF-8.
    ///
    /// - Throws: ``Errno``
    static func names(in folder: Int32) throws(Errno) -> [[CChar]] {
        // A second descriptor: reading moves its position, and `closedir` closes it.
        let descriptor = try openFolder(Array(".".utf8CString), in: folder)
        guard let stream = fdopendir(descriptor) else {
            let failure = Errno(rawValue: errno)
            close(descriptor)
            throw failure
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while true {
            // readdir(3): the end and an error differ only in errno.
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw Errno(rawValue: errno) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map(CChar.init(bitPattern:))
            }
            if ![[46], [46, 46]].contains(name) { names.append(name + [0]) }
        }
    }

    /// Removes everything in it.
    ///
    /// Links are removed, not followed, also one that takes a folder's place meanwhile.
    ///
    /// - Throws: ``Errno``; what was removed until then is gone.
    package static func remove(in folder: Int32) throws(Errno) {
        for name in try names(in: folder) where unlinkat(folder, name, 0) != 0 && errno != ENOENT {
            // unlink(2) of a folder: EISDIR by Linux, EPERM by POSIX.
            let failure = Errno(rawValue: errno)
            guard failure == .isDirectory || failure == .notPermitted else { throw failure }
            guard unlinkat(folder, name, AT_REMOVEDIR) != 0 else { continue }
            guard errno == ENOTEMPTY || errno == EEXIST else {
                throw errno == ENOTDIR ? failure : Errno(rawValue: errno)
            }
            let child = try openFolder(name, in: folder)
            defer { close(child) }
            try remove(in: child)
            guard unlinkat(folder, name, AT_REMOVEDIR) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    private static func openFolder(_ name: [CChar], in folder: Int32) throws(Errno) -> Int32 {
        let descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        return descriptor
    }
}
