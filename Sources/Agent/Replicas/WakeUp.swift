import Glibc

/// Wakes a thread that waits in poll(2): a pipe that becomes readable.
final class WakeUp: Sendable {
    /// Readable once somebody called ``ring()``.
    let descriptor: Int32
    private let bell: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let result = pipe(&ends)
        precondition(result == 0, "pipe(2) fails only when no descriptor is left")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, bell) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(bell)
    }

    /// A pipe that is full already wakes as well.
    func ring() {
        var byte: UInt8 = 1
        _ = write(bell, &byte, 1)
    }

    /// Waits to be rung again.
    func reset() {
        var bytes: [UInt8] = Array(repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
