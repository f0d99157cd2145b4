import CanonicalJSON
import Diagnostics
package import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// The day's log in `storage/logs/pkg/`, one file a day, kept 14 days.
///
/// Whoever runs for days writes each line into the file of its day. A file that was deleted, with
/// its folder perhaps, is made anew.
package final class LogFile: Sendable {
    private let folder: FilePath
    private let opened: Mutex<Opened>
    private static let keptDays = 14

    private struct Opened {
        let day: String
        let file: FileDescriptor

        /// Whether lines still go to where they can be read.
        var isThere: Bool {
            var status = stat()
            return fstat(file.rawValue, &status) == 0 && status.st_nlink > 0
        }
    }

    /// Opens the file of a day for appending and removes those that are too old.
    ///
    /// - Throws: ``DiskError`` when there can be no log file.
    package init(in folder: FilePath, day now: Date) throws(DiskError) {
        self.folder = folder
        opened = Mutex(try Self.open(in: folder, day: now))
    }

    deinit {
        opened.withLock { try? $0.file.close() }
    }

    /// Appends a line; one write, so that lines of two runs do not mix.
    ///
    /// - Parameters:
    ///   - line: without its end
    ///   - now: says into which day's file
    package func append(_ line: String, at now: Date) {
        opened.withLock { opened in
            if opened.day != now.wireDay || !opened.isThere,
                let next = try? Self.open(in: folder, day: now)
            {
                try? opened.file.close()
                opened = next
            }
            // A full disk is reported by what matters; the log itself has nobody else to tell.
            _ = try? opened.file.writeAll(Array("\(maskingSecrets(line))\n".utf8))
        }
    }

    private static func open(in folder: FilePath, day now: Date) throws(DiskError) -> Opened {
        try Disk.makeFolder(folder)
        let day = now.wireDay
        let path = folder.appending("\(day).log")
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead])
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open the log", path)
        }
        do throws(DiskError) {
            let oldest = now.addingTimeInterval(-Double(keptDays) * 86_400).wireDay
            for name in try Disk.names(in: folder) where name.hasSuffix(".log") && name < oldest {
                try Disk.remove(folder.appending(name))
            }
        } catch {
            try? file.close()
            throw error
        }
        return Opened(day: day, file: file)
    }
}
