import FoundationEssentials

/// When the loop asks next: at the license's own time, a little later by chance, and not again at
/// once after a failure that the license knows nothing of.
struct DueTime {
    private var expected: Date?
    private var jitter: TimeInterval = 0
    private var failures = 0
    private var notBefore: Date?

    /// The most that chance adds; of a short wait a twentieth.
    static let longestJitter: TimeInterval = 30
    /// The pause after a first failure; it doubles with each up to the longest.
    static let firstPause: TimeInterval = 60
    static let longestPause: TimeInterval = 3_600

    /// The time to ask at; nil before the license said one.
    func time(now: Date) -> Date? {
        guard let due = expected.map({ $0 + jitter }) else { return nil }
        // A pause that ends further away than any pause lasts: the clock was set back.
        guard let notBefore, notBefore <= now + Self.longestPause else { return due }
        return max(due, notBefore)
    }

    /// Takes what the license says; chance is drawn once for each time that it says.
    ///
    /// - Parameters:
    ///   - next: when the next check-in is due; nil: never
    ///   - now: the present time
    ///   - chance: a number from 0 to 1
    mutating func expect(_ next: Date?, now: Date, chance: @autoclosure () -> Double) {
        guard next != expected else { return }
        // The license knows of the failure when it moves the time away: its policy alone counts.
        if let next, next > now { notBefore = nil }
        let wait = next.map { max(0, $0.timeIntervalSince(now)) } ?? 0
        jitter = chance() * min(Self.longestJitter, wait / 20)
        expected = next
    }

    mutating func recordSuccess() {
        failures = 0
        notBefore = nil
    }

    mutating func recordFailure(at now: Date) {
        let pause = Self.firstPause * Double(1 << min(failures, 10))
        failures += 1
        notBefore = now + min(pause, Self.longestPause)
    }
}
