import CanonicalJSON
import Diagnostics
package import FoundationEssentials
import Glibc
import Synchronization
package import SystemPackage

/// The day's log in `storage/logs/pkg/`, one file a day; the 14 newest days are kept.
///
/// A file that is full becomes the day's one older file, `2026-11-21.1.log`: a container that
/// restarts without end must not fill the disk.
///
/// Whoever runs for days writes each line into the file of its day. A file that was deleted, with
/// its folder perhaps, is made anew.
package final class LogFile: Sendable {
    private let folder: FilePath
    private let opened: Mutex<Opened>
    private let maximumBytes: Int64
    private static let keptDays = 14

    private struct Opened {
        let day: String
        let file: FileDescriptor

        /// How long it is, while its lines still go to where they can be read; else nil.
        func length(at path: FilePath) -> Int64? {
            var own = stat()
            var present = stat()
            guard fstat(file.rawValue, &own) == 0, lstat(path.string, &present) == 0,
                own.st_ino == present.st_ino, own.st_dev == present.st_dev
            else { return nil }
            return Int64(own.st_size)
        }
    }

    /// Opens the file of a day for appending and removes those that are too old.
    ///
    /// - Parameters:
    ///   - folder: made when absent
    ///   - now: says which day
    ///   - maximumBytes: what a file may have; a day has two
    /// - Throws: ``DiskError`` when there can be no log file.
    package init(
        in folder: FilePath, day now: Date, maximumBytes: Int64 = 10_000_000
    ) throws(DiskError) {
        self.folder = folder
        self.maximumBytes = maximumBytes
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
        let bytes = Array("\(maskingSecrets(line))\n".utf8)
        opened.withLock { opened in
            let path = folder.appending("\(now.wireDay).log")
            var length = opened.day == now.wireDay ? opened.length(at: path) : nil
            if length == nil { length = reopen(&opened, now).length(at: path) }
            if let length, length > 0, length + Int64(bytes.count) > maximumBytes {
                // Another run may do the same: the older file is then the shorter by a few lines.
                try? Disk.rename(path, to: folder.appending("\(now.wireDay).1.log"))
                reopen(&opened, now)
            }
            // A full disk is reported by what matters; the log itself has nobody else to tell.
            _ = try? opened.file.writeAll(bytes)
        }
    }

    /// Opens the file that stands in the place of the one opened, if that can be.
    @discardableResult
    private func reopen(_ opened: inout Opened, _ now: Date) -> Opened {
        if let next = try? Self.open(in: folder, day: now) {
            try? opened.file.close()
            opened = next
        }
        return opened
    }

    private static func open(in folder: FilePath, day now: Date) throws(DiskError) -> Opened {
        try Disk.makeFolder(folder)
        let day = now.wireDay
        let path = folder.appending("\(day).log")
        let file: FileDescriptor
        do {
            // A FIFO that nobody reads must not keep a start waiting.
            file = try FileDescriptor.open(
                path, .writeOnly,
                options: [.create, .append, .noFollow, .closeOnExec, .nonBlocking],
                permissions: [.ownerReadWrite, .groupRead])
        } catch Errno.noSuchAddressOrDevice {
            throw noFile(path)
        } catch {
            throw DiskError(error as? Errno ?? .ioError, "open the log", path)
        }
        do throws(DiskError) {
            var status = stat()
            // A second name may be that of a file which is none of ours.
            guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_nlink == 1
            else { throw noFile(path) }
            try removeOldest(in: folder, besides: day)
        } catch {
            try? file.close()
            throw error
        }
        return Opened(day: day, file: file)
    }

    private static func noFile(_ path: FilePath) -> DiskError {
        DiskError(.diskUnexpectedFile, "\(path) is no regular file of its own.")
    }

    /// Counts the days that there are: by a clock that is years ahead every file would be too old.
    private static func removeOldest(
        in folder: FilePath, besides day: String
    ) throws(DiskError) {
        let files = try Disk.names(in: folder).filter(isOurs)
        let kept = Set(Set(files.map { $0.prefix(10) }).sorted().suffix(keptDays) + [day[...]])
        for name in files where !kept.contains(name.prefix(10)) {
            try Disk.remove(folder.appending(name))
        }
    }

    /// Whether a name is a day's, `2026-11-21.log` or `2026-11-21.1.log`.
    private static func isOurs(_ name: String) -> Bool {
        // Every start asks: no regular expression, which has to be compiled each time.
        let shape = "0000-00-00"
        let isDay = zip(name.utf8, shape.utf8).allSatisfy { byte, sample in
            sample == UInt8(ascii: "-") ? byte == sample : (0x30...0x39).contains(byte)
        }
        return isDay && [".log", ".1.log"].contains(name.dropFirst(shape.count))
    }
}
