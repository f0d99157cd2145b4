import Diagnostics
import Glibc
import SystemPackage

/// The newest of the logs, as much of them as can be sent to somebody.
///
/// Cleaned a piece at a time, so that days of logs do not stand in memory more than once. Pieces end
/// with a line: no secret stands on two.
struct NewestLogs {
    private(set) var entries: [SupportBundle.Entry] = []
    /// What was left out, and why.
    private(set) var missing: [String] = []

    private static let pieceBytes: Int64 = 1 << 20

    /// - Parameters:
    ///   - folder: where the logs are
    ///   - sweep: takes the secrets out
    ///   - maximumBytes: what all of them together may have
    init(in folder: FilePath, _ sweep: SecretSweep, maximumBytes: Int64 = 20_000_000) {
        var left = maximumBytes
        // By their names, which are days.
        for name in ((try? Disk.filesBelow(folder)) ?? []).sorted(by: >) {
            let path = folder.appending(name)
            do throws(DiskError) {
                guard let status = try Disk.status(path), status.kind == .file else { continue }
                let skipped = max(0, status.size - left)
                if skipped > 0 {
                    let part = skipped == status.size ? "all" : "the first \(skipped)"
                    missing.append(
                        """
                        logs/\(name): \(part) of its \(status.size) bytes, since the newest \
                        \(maximumBytes) bytes of all logs are taken
                        """)
                }
                guard skipped < status.size || status.size == 0 else { continue }
                left -= status.size - skipped
                entries.append(
                    SupportBundle.Entry(
                        name: "logs/\(name)",
                        content: try Self.cleaned(path, skipped..<status.size, sweep),
                        modificationSeconds: status.modified / 1_000_000_000))
            } catch {
                missing.append("logs/\(name): \(error.message)")
            }
        }
        entries.reverse()
        missing.reverse()
    }

    /// The lines that begin in a part of a file; the first may have lost its beginning and is left out.
    private static func cleaned(
        _ path: FilePath, _ part: Range<Int64>, _ sweep: SecretSweep
    ) throws(DiskError) -> [UInt8] {
        var result: [UInt8] = []
        var rest: [UInt8] = []
        var isCut = part.lowerBound > 0
        var offset = part.lowerBound
        do {
            let file = try Disk.openRegularFile(path)
            defer { try? file.close() }
            let block = UnsafeMutableRawBufferPointer.allocate(
                byteCount: Int(pieceBytes), alignment: 16)
            defer { block.deallocate() }
            while offset < part.upperBound {
                let wanted = Int(min(pieceBytes, part.upperBound - offset))
                let count = try file.read(
                    fromAbsoluteOffset: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: block[..<wanted]))
                guard count > 0 else { break }
                offset += Int64(count)
                rest += block[..<count]
                if isCut, let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    rest.removeFirst(end + 1)
                    isCut = false
                }
                guard !isCut, let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
                result += lines(rest[...end], sweep)
                rest.removeFirst(end + 1)
            }
        } catch {
            throw DiskError(of: error, "read", path)
        }
        return isCut ? result : result + lines(rest[...], sweep)
    }

    private static func lines(_ bytes: ArraySlice<UInt8>, _ sweep: SecretSweep) -> [UInt8] {
        sweep.cleaned(Array(maskingSecrets(String(decoding: bytes, as: UTF8.self)).utf8))
    }
}
