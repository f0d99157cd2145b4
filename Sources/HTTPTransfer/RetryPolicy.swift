internal import CCurl
import Diagnostics
package import FoundationEssentials

/// When a failed try is repeated, and after what wait.
///
/// Repeated are connection errors, timeouts, 408, 425, 429 and 5xx; not what will not heal within
/// seconds (an untrusted certificate, another 4xx, a refused redirect).
package struct RetryPolicy: Sendable {
    /// How often a request is sent at most.
    package var maximumTries: Int
    /// The wait before the second try; it doubles with each further one.
    package var firstDelay: Duration
    package var maximumDelay: Duration
    /// The longest `Retry-After` that is waited for; a longer one ends the request at once.
    package var maximumRetryAfter: Duration
    /// A number from 0 up to 1 that spreads the waits of many clients.
    package var jitter: @Sendable () -> Double
    /// Waits; throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// The wall clock, against which a `Retry-After` date is read.
    package var now: @Sendable () -> Date

    package init(
        maximumTries: Int = 4, firstDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(10), maximumRetryAfter: Duration = .seconds(120),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = {
            try await Task.sleep(for: $0)
        },
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.maximumTries = maximumTries
        self.firstDelay = firstDelay
        self.maximumDelay = maximumDelay
        self.maximumRetryAfter = maximumRetryAfter
        self.jitter = jitter
        self.sleep = sleep
        self.now = now
    }

    /// Exponential backoff, of which half is left to chance.
    func backoff(afterTry number: Int) -> Duration {
        let doubled = firstDelay * (1 << min(number - 1, 16))
        return min(doubled, maximumDelay) * (0.5 + jitter() / 2)
    }

    /// The seconds that a `Retry-After` asks for (RFC 9110 section 10.2.3): a number or a date.
    func seconds(ofRetryAfter value: String?) -> Double? {
        guard let value = value?.trimmingSpaces(), !value.isEmpty else { return nil }
        if value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Double(value)
        }
        let time = curl_getdate(String(value), nil)
        guard time >= 0 else { return nil }
        return max(0, Double(time) - now().timeIntervalSince1970)
    }
}

extension RetryPolicy {
    /// What is done about a failure.
    enum Decision {
        case wait(Duration)
        case giveUp(NetworkError)
    }

    /// Whether the try of that number is followed by another.
    func decision(
        on failure: NetworkError, try number: Int, isRepeatable: Bool,
        deadline: ContinuousClock.Instant?, at instant: ContinuousClock.Instant = .now
    ) -> Decision {
        let asked = seconds(ofRetryAfter: failure.headers.first(named: "Retry-After"))
        guard failure.isTemporary, number < maximumTries else {
            return .giveUp(failure.after(tries: number))
        }
        guard isRepeatable || !failure.mayHaveBeenActedOn else {
            return .giveUp(
                failure.after(
                    tries: number,
                    because: "It was not sent again, as the server may have acted on it."))
        }
        var delay = backoff(afterTry: number)
        if let asked {
            let longest = Double(maximumRetryAfter.components.seconds)
            guard asked <= longest else {
                return .giveUp(
                    failure.after(
                        tries: number, because: "The server asks to wait \(wholeSeconds(asked)) s.")
                )
            }
            delay = max(delay, .seconds(asked))
        }
        if let deadline, instant + delay >= deadline {
            return .giveUp(
                failure.after(
                    tries: number, because: "The time allowed leaves no room for another try."))
        }
        return .wait(delay)
    }

    private func wholeSeconds(_ seconds: Double) -> String {
        String(Int64(min(seconds.rounded(.up), 1e15)))
    }
}
