import Diagnostics
import HTTPTransfer
import HTTPTypes
import Synchronization
import Testing

@testable import Gateway

struct RateLimitTests {
    private let start = ContinuousClock.now

    @Test func aBucketHoldsAThirdOfAMinute() {
        let buckets = TokenBuckets<String>(perMinute: 60)
        for _ in 0..<20 { #expect(buckets.take("a", at: start) == .zero) }
        #expect(buckets.take("a", at: start) == .seconds(1))
        #expect(buckets.take("b", at: start) == .zero)
        #expect(buckets.take("a", at: start + .milliseconds(400)) == .milliseconds(600))
        #expect(buckets.take("a", at: start + .seconds(1)) == .zero)
        #expect(buckets.take("a", at: start + .seconds(1)) == .seconds(1))
    }

    @Test func aBucketHoldsNoMoreThanItsDepth() {
        let buckets = TokenBuckets<String>(perMinute: 60)
        _ = buckets.take("a", at: start)
        let later = start + .seconds(3600)
        #expect((0..<30).filter { _ in buckets.take("a", at: later) == .zero }.count == 20)
    }

    @Test func noLimitLimitsNothing() {
        let buckets = TokenBuckets<String>(perMinute: 0)
        for _ in 0..<1000 { #expect(buckets.take("a", at: start) == .zero) }
        #expect(buckets.count == 0)
    }

    @Test func aTinyLimitStillLetsOneThrough() {
        let buckets = TokenBuckets<String>(perMinute: 1)
        #expect(buckets.take("a", at: start) == .zero)
        #expect(buckets.take("a", at: start) == .seconds(60))
    }

    @Test func memoryIsBounded() {
        let buckets = TokenBuckets<Int>(perMinute: 60)
        for key in 0..<300_000 { _ = buckets.take(key, at: start) }
        #expect(buckets.count <= 2 * 65_536)
    }

    private func limits(_ rate: Int, _ clock: MonotonicTestClock) throws -> RateLimits {
        var settings = try VendorSettings(url: "http://localhost")
        try settings.set("rate-limit-address", to: "\(rate)")
        try settings.set("rate-limit-license", to: "\(rate)")
        return RateLimits(settings) { clock.now }
    }

    @Test func whoIsLimitedLearnsForHowLong() throws {
        let clock = MonotonicTestClock()
        let limits = try limits(3, clock)
        let address = ClientAddress("192.0.2.1")
        try limits.check(address)
        let error = #expect(throws: GatewayError.self) { try limits.check(address) }
        #expect(error?.code == .rateLimited)
        #expect(error?.status == .tooManyRequests)
        #expect(error?.headers[.retryAfter] == "20")
        clock.advance(by: .milliseconds(19_500))
        let later = #expect(throws: GatewayError.self) { try limits.check(address) }
        #expect(later?.headers[.retryAfter] == "1")
        clock.advance(by: .milliseconds(500))
        try limits.check(address)
        try limits.check(ClientAddress("192.0.2.2"))
        try limits.check(license: "lic")
        #expect(throws: GatewayError.self) { try limits.check(license: "lic") }
    }

    @Test func whoGuessesIsStopped() throws {
        let clock = MonotonicTestClock()
        let limits = try limits(0, clock)
        let address = ClientAddress("192.0.2.1")
        for _ in 0..<100 {
            try limits.checkFailures(of: address)
            limits.countFailure(address: address)
        }
        #expect(throws: GatewayError.self) { try limits.checkFailures(of: address) }
        try limits.checkFailures(of: ClientAddress("192.0.2.2"))
        clock.advance(by: .seconds(60))
        try limits.checkFailures(of: address)
    }

    @Test func theClientBehindAProxyIsLimited() async throws {
        try await TestGateway.run(access: .behindProxy, settings: ["rate-limit-address": "3"]) {
            gateway in
            func ask(_ client: String) async throws -> HTTPTransfer.HTTPResponse {
                try await gateway.send(
                    "GET", "/-/ping", headers: [("X-Forwarded-For", "6.6.6.6, \(client)")])
            }
            #expect(try await ask("192.0.2.1").status == 200)
            let refused = try await ask("192.0.2.1")
            #expect(refused.status == 429)
            #expect(refused.code == "gateway.rate-limited")
            #expect(
                refused.header("Retry-After").flatMap { Int($0) }.map { (1...20).contains($0) }
                    == true)
            #expect(try await ask("192.0.2.2").status == 200)
            #expect(gateway.logs.text.contains("\"address\":\"192.0.2.2\""))
        }
    }

    @Test func withoutAProxyNobodyTakesAnotherAddress() async throws {
        try await TestGateway.run(settings: ["rate-limit-address": "3"]) { gateway in
            var statuses: [Int] = []
            for client in ["192.0.2.1", "192.0.2.2"] {
                statuses.append(
                    try await gateway.send(
                        "GET", "/-/ping", headers: [("X-Forwarded-For", client)]
                    ).status)
            }
            #expect(statuses == [200, 429])
        }
    }
}

/// A monotonic time that stands still until a test moves it.
private final class MonotonicTestClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 += duration }
    }
}
