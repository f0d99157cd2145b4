#if canImport(Glibc)
    import Glibc
#endif

/// What lies in an open folder: listed and removed by descriptor, never by path.
enum FolderContent {
    /// The names in it but `.` and `..`, or nil with `errno` set.
    static func names(in folder: Int32) -> [String]? {
        // A second descriptor: reading moves its position, and `closedir` closes it.
        let descriptor = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return nil
        }
        defer { closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return errno == 0 ? names : nil
    }

    /// Removes everything in it; what cannot be removed stays.
    ///
    /// Links are removed, not followed.
    static func remove(in folder: Int32) {
        for name in names(in: folder) ?? [] where unlinkat(folder, name, 0) != 0 {
            let child = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard child >= 0 else { continue }
            remove(in: child)
            close(child)
            unlinkat(folder, name, AT_REMOVEDIR)
        }
    }
}
