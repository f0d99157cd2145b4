import Diagnostics
import TestSupport
import Testing

@testable import Agent

/// A change reaches the other replicas through a real Redis, also after it was killed and started
/// again.
@Suite struct RedisReplicasTests {
    @Test(
        .enabled(if: RedisServer.isInstalled, "Debian's redis-server is not installed"),
        .timeLimit(.minutes(1)))
    func aChangeReachesTheOthersAlsoAfterRedisCameBack() async throws {
        let port = try RedisServer.freePort()
        let redis = try await RedisServer(port: port, password: "pass word/1")
        let address = try RedisAddress("redis://:pass%20word%2F1@127.0.0.1:\(port)/3")
        let one = RedisThread(address)
        let other = RedisThread(address)
        try one.start()
        try other.start()
        var ones = one.events.makeAsyncIterator()
        var others = other.events.makeAsyncIterator()
        #expect(await isConnected(ones.next()))
        #expect(await isConnected(others.next()))

        one.announce(change("lic_1"))
        #expect(await heard(others.next()) == "lic_1")
        #expect(await heard(ones.next()) == "lic_1")

        try await redis.stop()
        #expect(await isLost(ones.next()))
        #expect(await isLost(others.next()))
        // Announced while Redis is away: told when it is back.
        one.announce(change("lic_2"))
        let again = try await RedisServer(port: port, password: "pass word/1")
        var next = await others.next()
        while isLost(next) { next = await others.next() }
        #expect(isConnected(next))
        other.announce(change("lic_3"))
        var licenses: Set<String?> = []
        while !licenses.isSuperset(of: ["lic_3"]) { licenses.insert(heard(await others.next())) }
        try await again.stop()

        one.end()
        other.end()
        while await ones.next() != nil {}
        while await others.next() != nil {}
    }

    @Test(
        .enabled(if: RedisServer.isInstalled, "Debian's redis-server is not installed"),
        .timeLimit(.minutes(1)))
    func aWrongPasswordIsSaidAndNotShown() async throws {
        let port = try RedisServer.freePort()
        let redis = try await RedisServer(port: port, password: "right")
        let thread = RedisThread(try RedisAddress("redis://:wrongwrong@127.0.0.1:\(port)"))
        try thread.start()
        var events = thread.events.makeAsyncIterator()
        let event = await events.next()
        #expect(isLost(event))
        #expect(!"\(String(describing: event))".contains("wrongwrong"))
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

    private func isConnected(_ event: RedisThread.Event?) -> Bool {
        if case .connected = event { true } else { false }
    }

    private func isLost(_ event: RedisThread.Event?) -> Bool {
        if case .lost = event { true } else { false }
    }

    private func heard(_ event: RedisThread.Event?) -> String? {
        if case .heard(let change) = event { change.licenseID } else { nil }
    }
}
