import Synchronization

/// Lets all who wait for the metadata to be signed share one signing.
///
/// What each has changed is in the records before it asks, so that the next signing to begin has it.
final class SharedSignings: Sendable {
    /// Asked for, and not begun.
    private let next = Mutex<Task<Bool, any Error>?>(nil)

    /// Waits for the signing that begins next.
    ///
    /// It goes on when one of those who wait for it is cancelled.
    ///
    /// - Parameter sign: signs, and calls ``begin()`` before it looks at any record
    /// - Returns: whether anything was signed
    /// - Throws: what `sign` throws, for all who shared it.
    func join(_ sign: @escaping @Sendable () async throws -> Bool) async throws -> Bool {
        let shared = next.withLock { next in
            if let next { return next }
            let task = Task { try await sign() }
            next = task
            return task
        }
        return try await shared.value
    }

    /// Says that the signing begins: who asks from now on waits for another.
    func begin() {
        next.withLock { $0 = nil }
    }
}
