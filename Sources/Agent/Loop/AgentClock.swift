package import FoundationEssentials

/// The time that the agent goes by, so that tests can let days pass at once.
package protocol AgentClock: Sendable {
    /// What the wall shows; it may jump.
    var now: Date { get }

    /// Waits, also while the machine sleeps; whatever happens to the wall clock meanwhile.
    ///
    /// - Throws: `CancellationError`
    func sleep(for duration: Duration) async throws
}

/// The machine's own time.
package struct MachineClock: AgentClock {
    package init() {}

    package var now: Date { Date() }

    package func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}
