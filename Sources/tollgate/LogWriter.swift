import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Writes lines of log from a thread of its own, many at once when many wait.
///
/// Who logs is then never held up by a full pipe, and a busy gateway neither makes a system call nor wakes
/// a thread for each request: a line waits ``pause`` for others. No line is lost: ``finish()`` writes what
/// waits, and when that is more than memory is meant for, who logs waits too.
final class LogWriter: Sendable {
    /// Too short for a person who follows the log to see, and long for a gateway that is busy.
    private static let pause = DispatchTimeInterval.milliseconds(10)
    /// How much may wait, in bytes.
    private static let limit = 16 << 20

    private let waiting = Mutex<[UInt8]>([])
    private let descriptor: FileDescriptor
    private let queue = DispatchQueue(label: "tollgate.log")

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Takes a whole line.
    func append(_ line: [UInt8]) {
        let (begins, isFull) = waiting.withLock { waiting in
            let begins = waiting.isEmpty
            waiting += line
            return (begins, waiting.count > Self.limit)
        }
        if begins { queue.asyncAfter(deadline: .now() + Self.pause) { self.writeWaiting() } }
        if isFull { finish() }
    }

    /// Writes every line that was taken.
    func finish() {
        queue.sync { writeWaiting() }
    }

    private func writeWaiting() {
        let lines = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !lines.isEmpty else { return }
        // Nobody is left to be told that the log cannot be written.
        _ = try? descriptor.writeAll(lines)
    }
}
