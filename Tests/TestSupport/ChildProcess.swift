import Dispatch
package import Glibc
import Synchronization
package import SystemPackage

/// A program that a test starts, can kill at any moment, and waits for; stopped by its pid alone.
package final class ChildProcess: Sendable {
    package let processID: pid_t
    private let output: FileDescriptor
    private let isWaitedFor = Atomic(false)
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    /// When it ended, of one that was waited for; not when the test came to hear of it.
    package var ended: ContinuousClock.Instant? { end.withLock { $0 } }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its path
    ///   - arguments: without the program itself
    ///   - environment: all of it
    ///   - errors: a file for its standard error; nil: the test's own
    /// - Throws: ``Errno`` when it cannot be started.
    package init(
        _ program: FilePath, _ arguments: [String], environment: [String: String],
        errors: FilePath? = nil
    ) throws {
        let pipe = try FileDescriptor.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.writeEnd.rawValue, STDOUT_FILENO)
        // What other threads have open stays theirs: a descriptor kept open here keeps them waiting.
        for descriptor in 3..<1_024 {
            posix_spawn_file_actions_addclose(&actions, Int32(descriptor))
        }
        if let errors {
            posix_spawn_file_actions_addopen(
                &actions, STDERR_FILENO, errors.string, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the pool block signals, and a program that inherits that is deaf to SIGTERM.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let argv = ([program.string] + arguments).map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        let failure = posix_spawn(&pid, program.string, &actions, &attributes, argv, envp)
        try pipe.writeEnd.close()
        guard failure == 0 else {
            try pipe.readEnd.close()
            throw Errno(rawValue: failure)
        }
        processID = pid
        output = pipe.readEnd
    }

    /// Nobody waited: it is reaped all the same.
    ///
    /// The monitor of exit tests waits for any child, and one that has ended and stays keeps it from
    /// seeing its own.
    deinit {
        guard !isWaitedFor.load(ordering: .relaxed) else { return }
        let (output, processID) = (output, processID)
        DispatchQueue(label: "test.reaper").async {
            try? output.close()
            var status: Int32 = 0
            while waitpid(processID, &status, 0) != processID, errno == EINTR {}
        }
    }

    /// Its standard output up to a newline, without it; empty at the end.
    package func readLine() async throws -> String {
        try await nextLine() ?? ""
    }

    /// Its standard output up to a newline, without it; nil at the end.
    package func nextLine() async throws -> String? {
        let output = output
        return try await onThread {
            var line: [UInt8] = []
            var byte: [UInt8] = [0]
            while try byte.withUnsafeMutableBytes({ try output.read(into: $0) }) == 1 {
                if byte[0] == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
                line += byte
            }
            return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
        }
    }

    package func signal(_ signal: Int32) {
        kill(processID, signal)
    }

    /// Waits until it has ended, reading what is left of its standard output.
    ///
    /// - Returns: the exit code, or the negative number of the signal that ended it; the output
    package func wait() async throws -> (status: Int32, output: String) {
        isWaitedFor.store(true, ordering: .relaxed)
        let (output, processID) = (output, processID)
        return try await onThread { [self] in
            var text: [UInt8] = []
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
            defer { chunk.deallocate() }
            while case let count = try output.read(into: chunk), count > 0 {
                text += chunk[..<count]
            }
            try output.close()
            var status: Int32 = 0
            while waitpid(processID, &status, 0) != processID {
                guard errno == EINTR else { throw Errno(rawValue: errno) }
            }
            end.withLock { $0 = .now }
            let signal = status & 0x7F
            let code = signal == 0 ? (status >> 8) & 0xFF : -signal
            return (code, String(decoding: text, as: UTF8.self))
        }
    }
}

/// Waits on a thread that is not the cooperative pool's: those of the global queues are, and each that
/// waits there holds all tests up.
private func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "test.child").async {
            continuation.resume(with: Result { try body() })
        }
    }
}
