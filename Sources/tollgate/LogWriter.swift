import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Writes lines of log from a thread of its own, many at once when many wait.
///
/// Who logs is then never held up by a full pipe, and a busy gateway does not make a system call for each
/// request. No line is lost: ``finish()`` waits until all are out, and when more wait than memory is meant
/// for, who logs waits too.
final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
    }

    /// How much may wait, in bytes.
    private static let limit = 16 << 20

    private let state = Mutex(State())
    private let descriptor: FileDescriptor
    private let queue = DispatchQueue(label: "tollgate.log")

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    /// Takes a whole line.
    func append(_ line: [UInt8]) {
        let (begins, isFull) = state.withLock { state in
            state.waiting += line
            defer { state.isWriting = true }
            return (!state.isWriting, state.waiting.count > Self.limit)
        }
        if begins { queue.async { self.writeWaiting() } }
        if isFull { finish() }
    }

    /// Waits until every line that was taken is written.
    func finish() {
        queue.sync {}
    }

    private func writeWaiting() {
        while true {
            let lines = state.withLock { state in
                defer { state.waiting = [] }
                state.isWriting = !state.waiting.isEmpty
                return state.waiting
            }
            guard !lines.isEmpty else { return }
            // Nobody is left to be told that the log cannot be written.
            _ = try? descriptor.writeAll(lines)
        }
    }
}
