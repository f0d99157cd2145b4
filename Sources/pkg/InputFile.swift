import Diagnostics
import SystemPackage

/// A file that a person names on the command line: also a link, as mounted secrets are, a pipe, or
/// “-” for standard input.
struct InputFile {
    let name: String

    init(_ name: String) { self.name = name }

    /// All that is in it.
    ///
    /// - Throws: ``UsageError`` when it cannot be read or has more than `maximumBytes`.
    func read(maximumBytes: Int) throws(UsageError) -> [UInt8] {
        do {
            guard name != "-" else { return try read(.standardInput, maximumBytes) }
            let file = try FileDescriptor.open(FilePath(name), .readOnly, options: .closeOnExec)
            return try file.closeAfter { try read(file, maximumBytes) }
        } catch let error as UsageError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw UsageError("There is no file \(quoted(name)).")
        } catch {
            throw UsageError("\(quoted(name)) cannot be read.", cause: error)
        }
    }

    private func read(_ file: FileDescriptor, _ maximumBytes: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= maximumBytes else {
                throw UsageError("\(quoted(name)) has more than \(maximumBytes) bytes.")
            }
        }
    }
}
