import Diagnostics
import Glibc

/// What the system allows this program.
package enum SystemLimits {
    /// Fewer are not enough for the libraries, a log, connections and files at once.
    private static let leastDescriptors = 64
    /// Those of the cooperative pool, of the transfers and of the work that blocks.
    private static let leastThreads = 6

    /// Raises the number of descriptors that this program may have to the most that the system allows.
    ///
    /// A shell allows 1024 by habit, for programs that use `select`; these do not.
    ///
    /// - Returns: how many it may have now
    package static func raiseDescriptors() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        let former = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
            limit.rlim_cur = former
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Refuses to begin with so little that the program would wait for ever for what it cannot have.
    ///
    /// - Throws: `system.limit`
    static func requireEnough() throws(SystemLimitError) {
        let descriptors = raiseDescriptors()
        guard descriptors >= leastDescriptors else {
            throw SystemLimitError(
                """
                The system allows this program \(descriptors) open files (ulimit -n); it needs \
                \(leastDescriptors).
                """)
        }
        let threads = threadsToBeHad(atMost: leastThreads)
        guard threads >= leastThreads else {
            throw SystemLimitError(
                """
                The system allows this program \(threads) more threads (ulimit -u and -v, or the \
                container's limits of processes and memory); it needs \(leastThreads).
                """)
        }
    }

    /// How many threads can run beside this one.
    private static func threadsToBeHad(atMost count: Int) -> Int {
        // They wait for the lock, so that all are there at once.
        var lock = pthread_mutex_t()
        pthread_mutex_init(&lock, nil)
        defer { pthread_mutex_destroy(&lock) }
        return withUnsafeMutablePointer(to: &lock) { lock in
            pthread_mutex_lock(lock)
            var threads: [pthread_t] = []
            for _ in 0..<count {
                var thread = pthread_t()
                let failure = pthread_create(
                    &thread, nil,
                    { lock in
                        let lock = lock?.assumingMemoryBound(to: pthread_mutex_t.self)
                        if let lock, pthread_mutex_lock(lock) == 0 { pthread_mutex_unlock(lock) }
                        return nil
                    }, lock)
                guard failure == 0 else { break }
                threads.append(thread)
            }
            pthread_mutex_unlock(lock)
            for thread in threads { pthread_join(thread, nil) }
            return threads.count
        }
    }
}

/// That the system allows less than the program needs.
struct SystemLimitError: Failure {
    let code = FailureCode.systemLimit
    let message: String
    let cause: (any Error)? = nil

    init(_ message: String) { self.message = message }
}
