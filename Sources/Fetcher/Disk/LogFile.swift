import CanonicalJSON
package import FoundationEssentials
package import SystemPackage

/// The day's log in `storage/logs/pkg/`, one file a day, kept 14 days.
package struct LogFile: Sendable {
    private let file: FileDescriptor
    private static let keptDays = 14

    /// Opens the file of a day for appending and removes those that are too old.
    ///
    /// - Throws: ``DiskError`` when there can be no log file.
    package init(in folder: FilePath, day now: Date) throws(DiskError) {
        try Disk.makeFolder(folder)
        let path = folder.appending("\(Self.name(of: now)).log")
        do {
            file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead])
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open the log", path)
        }
        let oldest = Self.name(of: now.addingTimeInterval(-Double(Self.keptDays) * 86_400))
        for name in try Disk.names(in: folder) where name.hasSuffix(".log") && name < oldest {
            try Disk.remove(folder.appending(name))
        }
    }

    /// Appends a line; one write, so that lines of two runs do not mix.
    package func append(_ line: String) {
        // A full disk is reported by what matters; the log itself has nobody else to tell.
        _ = try? file.writeAll(Array("\(line)\n".utf8))
    }

    private static func name(of date: Date) -> String {
        date.wireDay
    }
}
