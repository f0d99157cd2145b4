package import Cryptography
import Glibc
package import SystemPackage

extension Disk {
    /// The digest of a regular file, read in pieces; nil when there is none at that path.
    package static func sha512(of path: FilePath) throws(DiskError) -> Digest? {
        guard try status(path)?.kind == .file else { return nil }
        var digest = RunningDigest(.sha512)
        do {
            let file = try openRegularFile(path)
            defer { try? file.close() }
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 64)
            defer { chunk.deallocate() }
            while true {
                let count = try file.read(into: chunk)
                guard count > 0 else { break }
                digest.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            }
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "read", path)
        }
        return digest.finish()
    }

    /// The path of everything but folders below a folder, relative to it; nothing below a link.
    package static func filesBelow(_ folder: FilePath) throws(DiskError) -> [String] {
        var files: [String] = []
        var pending: [String] = [""]
        while let relative = pending.popLast() {
            for name in try namesIfFolder(folder.appending(relative)) {
                let path = relative.isEmpty ? name : "\(relative)/\(name)"
                if try status(folder.appending(path))?.isFolder == true {
                    pending.append(path)
                } else {
                    files.append(path)
                }
            }
        }
        return files
    }
}
