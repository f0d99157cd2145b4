import Diagnostics
import HTTPTypes
import Synchronization

/// How many requests an address, a license and somebody who guesses may send.
///
/// Each has a bucket that fills evenly and holds a third of a minute's requests, so that many may come at
/// once after a pause. The limits are for who takes a gateway's time away from others, and far from what
/// one customer needs: ten thousand instances behind one address, or of one license, that start together,
/// six requests each, take a tenth of it.
final class RateLimits: Sendable {
    /// Failed tries of one address in a minute: a person mistypes a key now and then, a program with an
    /// old key tries again each minute on a hundred machines; who guesses wants millions.
    private static let failuresPerMinute = 300

    private let addresses: TokenBuckets<UInt64>
    private let licenses: TokenBuckets<String>
    private let failures: TokenBuckets<UInt64>
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        _ settings: VendorSettings,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        addresses = TokenBuckets(perMinute: settings.rateLimitAddress)
        licenses = TokenBuckets(perMinute: settings.rateLimitLicense)
        failures = TokenBuckets(perMinute: Self.failuresPerMinute)
        self.now = now
    }

    /// Counts a request of an address; those of one IPv6 network of 64 bits count together.
    ///
    /// - Throws: ``GatewayError`` 429 `gateway.rate-limited`.
    func check(_ address: ClientAddress?) throws(GatewayError) {
        guard let network = address?.network else { return }
        try refuse(addresses.take(network, at: now()), "Your address sends too many requests.")
    }

    /// Counts a request of a license, by its ID.
    ///
    /// - Throws: ``GatewayError`` 429 `gateway.rate-limited`.
    func check(license: String) throws(GatewayError) {
        try refuse(licenses.take(license, at: now()), "The license sends too many requests.")
    }

    /// Throws when the address failed too often to prove who it is.
    ///
    /// To be called before a key or a password is looked at, or a right guess would count for nothing. A
    /// token that proves itself by its signature needs it not: nobody guesses those, and one machine that
    /// fails should not shut out all that share its address.
    ///
    /// - Throws: ``GatewayError`` 429 `gateway.rate-limited`.
    func checkFailures(of address: ClientAddress?) throws(GatewayError) {
        guard let network = address?.network else { return }
        try refuse(
            failures.wait(network, at: now()),
            "Your address failed too often to prove who it is.")
    }

    /// Counts a key or a password that was wrong.
    func countFailure(address: ClientAddress?) {
        guard let network = address?.network else { return }
        _ = failures.take(network, at: now())
    }

    private func refuse(_ wait: Duration, _ sentence: String) throws(GatewayError) {
        guard wait > .zero else { return }
        let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
        throw GatewayError(
            .tooManyRequests, .rateLimited, "\(sentence) Try again in \(seconds) s.",
            headers: [.retryAfter: "\(seconds)"])
    }
}

/// A bucket of tokens for each key, all of one size.
///
/// A bucket is the one moment at which it will be full again (the generic cell rate algorithm), so that
/// one that is full needs no memory. Memory is bounded: buckets are of this generation or the one before,
/// and when a generation has its number the one before is forgotten, with those that nobody asked for
/// meanwhile.
final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Generations {
        var present: [Key: ContinuousClock.Instant] = [:]
        var former: [Key: ContinuousClock.Instant] = [:]
    }

    /// How many buckets a generation has: some 10 MB in all.
    private static var size: Int { 65_536 }

    private let generations = Mutex(Generations())
    /// How long a token takes to come; nil: nothing is limited.
    private let interval: Duration?
    /// How long an empty bucket takes to be full.
    private let depth: Duration

    /// - Parameter perMinute: how many tokens come a minute, of which a bucket holds a third; 0 for no limit
    init(perMinute: Int) {
        interval = perMinute > 0 ? .seconds(60) / perMinute : nil
        depth = (interval ?? .zero) * max(1, perMinute / 3)
    }

    /// Takes a token.
    ///
    /// - Returns: how long until there is one; zero when it was taken
    func take(_ key: Key, at now: ContinuousClock.Instant) -> Duration {
        guard let interval else { return .zero }
        return generations.withLock { generations in
            let full = max(generations.present[key] ?? generations.former[key] ?? now, now)
            let wait = full + interval - depth - now
            guard wait <= .zero else { return wait }
            if generations.present.count >= Self.size, generations.present[key] == nil {
                generations.former = generations.present
                generations.present = [:]
            }
            generations.present[key] = full + interval
            return .zero
        }
    }

    /// How long until there is a token, without taking one.
    func wait(_ key: Key, at now: ContinuousClock.Instant) -> Duration {
        guard let interval else { return .zero }
        return generations.withLock { generations in
            let full = max(generations.present[key] ?? generations.former[key] ?? now, now)
            return max(.zero, full + interval - depth - now)
        }
    }

    /// How many buckets are remembered.
    var count: Int { generations.withLock { $0.present.count + $0.former.count } }
}
