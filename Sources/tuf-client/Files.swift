import Glibc
import SystemPackage

/// A file that becomes visible under its name whole or not at all.
struct TemporaryFile {
    let descriptor: FileDescriptor
    private let path: FilePath

    /// Makes an empty file in the folder, under a name that no pattern and no listing of metadata
    /// takes for its own.
    init(in folder: FilePath) throws {
        var template = Array("\(folder.string)/.part-XXXXXX".utf8CString)
        let raw = mkstemp(&template)
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(rawValue: raw)
        path = FilePath(
            String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// Gives the file its name, in place of what was there.
    func move(to name: FilePath) throws {
        guard fsync(descriptor.rawValue) == 0, rename(path.string, name.string) == 0 else {
            throw Errno(rawValue: errno)
        }
        try descriptor.close()
    }

    /// Takes the file back; it is of no use any more, so a failure is none.
    func remove() {
        _ = unlink(path.string)
        _ = close(descriptor.rawValue)
    }
}

func readWholeFile(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
        var bytes: [UInt8] = []
        try forEachChunk(of: file) { bytes += $0 }
        return bytes
    }
}

func forEachChunk(
    of file: FileDescriptor, _ body: (UnsafeRawBufferPointer) throws -> Void
) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    defer { buffer.deallocate() }
    while true {
        let count = try file.read(into: buffer)
        guard count > 0 else { return }
        try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
}

func makeFolder(_ path: FilePath) throws {
    guard mkdir(path.string, 0o755) != 0, errno != EEXIST else { return }
    throw Errno(rawValue: errno)
}
