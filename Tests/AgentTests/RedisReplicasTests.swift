import Diagnostics
import TestSupport
import Testing

@testable import Agent

/// A change reaches the other replicas through a real Redis, also after it was killed and started
/// again.
@Suite struct RedisReplicasTests {
    @Test(
        .enabled(if: RedisServer.isInstalled, "Debian's redis-server is not installed"),
        .timeLimit(.minutes(20)))
    func aChangeReachesTheOthersAlsoAfterRedisCameBack() async throws {
        let redis = try await RedisServer(password: "pass word/1")
        let address = try RedisAddress("redis://:pass%20word%2F1@127.0.0.1:\(redis.port)/3")
        let one = RedisThread(address)
        let other = RedisThread(address)
        try one.start()
        try other.start()
        var ones = one.events.makeAsyncIterator()
        var others = other.events.makeAsyncIterator()
        #expect(await ones.skips(to: isConnected))
        #expect(await others.skips(to: isConnected))

        one.announce(change("lic_1"))
        #expect(await others.skips { heard($0) == "lic_1" })
        #expect(await ones.skips { heard($0) == "lic_1" })

        try await redis.stop()
        #expect(await ones.skips(to: isLost))
        #expect(await others.skips(to: isLost))
        // Announced while Redis is away: told when it is back.
        one.announce(change("lic_2"))
        let again = try await redis.startedAgain()
        #expect(await ones.skips { heard($0) == "lic_2" })
        #expect(await others.skips(to: isConnected))
        other.announce(change("lic_3"))
        #expect(await others.skips { heard($0) == "lic_3" })
        try await again.stop()

        one.end()
        other.end()
        while await ones.next() != nil {}
        while await others.next() != nil {}
    }

    @Test(
        .enabled(if: RedisServer.isInstalled, "Debian's redis-server is not installed"),
        .timeLimit(.minutes(20)))
    func aWrongPasswordIsSaidAndNotShown() async throws {
        let redis = try await RedisServer(password: "right")
        let thread = RedisThread(try RedisAddress("redis://:wrongwrong@127.0.0.1:\(redis.port)"))
        try thread.start()
        var events = thread.events.makeAsyncIterator()
        let event = try #require(await events.next())
        #expect(isLost(event))
        #expect(!"\(event)".contains("wrongwrong"))
        thread.end()
        while await events.next() != nil {}
        try await redis.stop()
    }

    @Test func pausesGrowToHalfAMinute() {
        var pauses = ReconnectPauses()
        let taken = (0..<9).map { _ in pauses.take() }
        #expect(taken.first == .milliseconds(250))
        #expect(taken.last == .seconds(30))
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0 <= $1 && $1 <= $0 * 2 })
        pauses.reset()
        #expect(pauses.take() == .milliseconds(250))
    }

    @Test(arguments: [
        "rediss://cache.example", "http://cache.example", "redis://", "redis://h:0",
        "redis://h:65536",
        "cache.example", "",
    ])
    func refusesAddressesThatItCannotUse(_ text: String) {
        let error = #expect(throws: AgentError.self) { try RedisAddress(text) }
        #expect(error?.code == .replicasAddress)
    }

    @Test func readsAddressesAndHidesThePassword() throws {
        let address = try #require(
            try RedisAddress(environment: ["NC_REDIS_URL": "redis://me:s%3Acret@[::1]:7000/2"]))
        #expect(address.host == "::1")
        #expect(address.port == 7000)
        #expect(address.user == "me")
        #expect(address.password == Secret("s:cret"))
        #expect(!"\(address)".contains("cret"))
        let ours = try RedisAddress(environment: [
            "TOLLGATE_REDIS_URL": "redis://ours", "NC_REDIS_URL": "redis://theirs",
        ])
        #expect(ours?.host == "ours")
        #expect(ours?.port == 6379)
        #expect(try RedisAddress(environment: [:]) == nil)
    }

    private func change(_ license: String) -> LicenseChange {
        LicenseChange(
            kind: .added, instanceID: "ti_1", licenseID: license, storage: "s", sender: "x")
    }

    private func isConnected(_ event: RedisThread.Event) -> Bool {
        if case .connected = event { true } else { false }
    }

    private func isLost(_ event: RedisThread.Event) -> Bool {
        if case .lost = event { true } else { false }
    }

    private func heard(_ event: RedisThread.Event) -> String? {
        if case .heard(let change) = event { change.licenseID } else { nil }
    }
}

extension AsyncStream<RedisThread.Event>.Iterator {
    /// Passes over events up to one that is expected: how often a connection is tried in between is a
    /// matter of the machine's load.
    ///
    /// - Returns: whether there was one before the end
    fileprivate mutating func skips(to isExpected: (RedisThread.Event) -> Bool) async -> Bool {
        while let event = await next(isolation: #isolation) {
            if isExpected(event) { return true }
        }
        return false
    }
}
