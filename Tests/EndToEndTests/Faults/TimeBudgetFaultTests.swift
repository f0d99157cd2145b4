import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// With `--timeout` a container starts in bounded time, whatever is silent; what is verified is
/// installed.
@Suite struct TimeBudgetFaultTests {
    private static let budget = 3
    /// What starting, unpacking and ending may take beside it, on a machine that is busy.
    ///
    /// Every wait that obeys no budget is one of 30 seconds at least.
    private static let margin = 15
    private static let limit = Duration.seconds(budget + margin)
    /// Where a plugin must have come before the silence, also on a machine that is busy.
    private static let longBudget = 15
    private static let timeout = "network.timeout"

    /// A fault that would hold a run without a budget up for much longer.
    private func silence(
        _ place: String, _ expected: NetworkFault.Expectation, start: FaultyWay.Start = .installed,
        environment: @escaping @Sendable (MiddleServer) -> [String: String] = { _ in [:] },
        wrapper: [String] = [], budget: Int = budget, _ spoil: MiddleServer.Fault? = nil
    ) -> NetworkFault {
        NetworkFault(
            row: "`TOLLGATE_TIMEOUT=\(budget)`, \(place)", expected: expected,
            start: start,
            environment: { middle in
                environment(middle).merging(["TOLLGATE_TIMEOUT": "\(budget)"]) { $1 }
            }, wrapper: wrapper, limit: .seconds(budget + Self.margin), showsTime: true,
            spoil: spoil)
    }

    @Test func silentConnectionsEndWithTheBudget() async throws {
        let silent = try SilentPort()
        let port = silent.port
        let held: MiddleServer.Fault = { _, _, _ in [.holdUntilClientCloses] }
        try await FaultyWay.open { way in
            let url = way.gateway.url
            try await way.endure([
                silence(
                    "no answer to a connection", .unchanged(Self.timeout),
                    environment: { _ in ["TOLLGATE_URL": "http://127.0.0.1:\(port)"] }),
                silence("a server that says nothing", .unchanged(Self.timeout), held),
                silence(
                    "a proxy that says nothing", .unchanged(Self.timeout),
                    environment: { ["TOLLGATE_URL": url, "http_proxy": $0.url] }, held),
                silence(
                    "a proxy that says nothing to CONNECT", .unchanged(Self.timeout),
                    environment: {
                        ["TOLLGATE_URL": "https://plugins.example", "https_proxy": $0.url]
                    }, held),
                silence(
                    "a TLS handshake that is not answered", .unchanged(Self.timeout),
                    environment: { ["TOLLGATE_URL": "https://127.0.0.1:\($0.port)"] }, held),
            ])
        }
        withExtendedLifetime(silent) {}
    }

    @Test func silentAnswersEndWithTheBudget() async throws {
        try await FaultyWay.open { way in
            try await way.endure([
                silence(
                    "silence after the head of an answer", .unchanged(Self.timeout),
                    NetworkFault.on(NetworkFault.metadata) { _, _, real in
                        real().silent(after: 0)
                    }),
                silence(
                    "metadata at one byte a second", .unchanged(Self.timeout),
                    NetworkFault.on(NetworkFault.metadata) { _, _, real in
                        real().crawling(after: 10)
                    }),
                silence(
                    "silence in the middle of metadata", .unchanged(Self.timeout),
                    NetworkFault.on("snapshot.json") { _, _, real in real().silent(after: 50) }),
                silence(
                    "a check-in that is not answered", .nothing(Self.timeout), start: .fresh,
                    { request, _, _ in
                        request.method == "POST" ? [.holdUntilClientCloses] : nil
                    }),
                silence(
                    "silence in one tarball of two", .heldBack(Self.timeout),
                    budget: Self.longBudget,
                    NetworkFault.on(NetworkFault.tarball) { _, _, real in
                        real().silent(after: 100_000)
                    }),
                silence(
                    "one tarball of two at one byte a second", .heldBack(Self.timeout),
                    budget: Self.longBudget,
                    NetworkFault.on(NetworkFault.tarball) { _, _, real in
                        real().crawling(after: 100_000)
                    }),
                silence(
                    "one tarball of two that is never served: `Retry-After: 2`",
                    .heldBack("network.http-status"), budget: Self.longBudget,
                    NetworkFault.on(NetworkFault.tarball) { _, _, _ in
                        [.response(503, [("Retry-After", "2")])]
                    }),
            ])
        }
    }

    @Test(
        .enabled("nothing may be mounted here", Privileged.mayMount),
        .enabled(if: NameServer.mayListen, "port 53 may not be listened at"))
    func aNameServerThatSaysNothingEndsWithTheBudget() async throws {
        let silent = try #require(NameServer(knowsNothing: false))
        defer { silent.stop() }
        let names = try #require(NameServer(knowsNothing: true))
        defer { names.stop() }
        try await FaultyWay.open { way in
            func resolving(by server: NameServer) throws -> [String] {
                let file = way.gateway.folder.appending("resolv-\(server.address)")
                try Data("nameserver \(server.address)\n".utf8).write(
                    to: URL(filePath: file.string))
                return Privileged.seeing(file, at: "/etc/resolv.conf")
            }
            let asking = try resolving(by: silent)
            let told = try resolving(by: names)
            let name: @Sendable (MiddleServer) -> [String: String] = {
                ["TOLLGATE_URL": "http://gateway.invalid:\($0.port)"]
            }
            try await way.endure([
                silence(
                    "a name server that says nothing", .unchanged(Self.timeout), environment: name,
                    wrapper: asking),
                silence(
                    "a name server that says nothing of the database's name",
                    .unchanged("database.unreachable"),
                    environment: { _ in
                        [
                            "TOLLGATE_INSTANCE_ID": "",
                            "DATABASE_URL": "postgres://app:app@database.invalid/app",
                        ]
                    }, wrapper: asking),
                NetworkFault(
                    row: "a name that is not known", expected: .unchanged("network.dns"),
                    environment: name, wrapper: told),
            ])
        }
    }

    @Test func aDatabaseThatSaysNothingEndsWithTheBudget() async throws {
        let database = try ScriptedServer { _ in [] }
        defer { database.stop() }
        let port = database.port
        try await FaultyWay.open { way in
            for scheme in ["postgres", "mysql"] {
                try await way.endure(
                    silence(
                        "a database that says nothing (\(scheme)), and no Instance ID known",
                        .unchanged("database.unreachable"),
                        environment: { _ in
                            [
                                "TOLLGATE_INSTANCE_ID": "",
                                "DATABASE_URL": "\(scheme)://app:app@127.0.0.1:\(port)/app",
                            ]
                        }))
            }
        }
    }

    @Test func aLockThatIsHeldEndsWithTheBudget() async throws {
        try await FaultyWay.open { way in
            var customer = try await way.customer()
            customer.environment["TOLLGATE_TIMEOUT"] = "\(Self.budget)"
            let lock = try FileDescriptor.open(
                customer.storage.appending("plugins/.pkg/lock"), .readWrite,
                options: .closeOnExec)
            try #require(flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0)
            let clock = ContinuousClock()
            let start = clock.now
            let held = try await customer.update(through: [], [])
            #expect(clock.now - start < Self.limit)
            #expect(held.status == 7)
            #expect(held.errorCode == "lock.held")
            #expect(held.errors.contains("waited \(Self.budget) s"))
            for name in FaultyWay.plugins { #expect(try way.has(customer, name, "1.0.0")) }
            try lock.close()
            customer.environment["TOLLGATE_TIMEOUT"] = nil
            let next = try await customer.update(through: [], [])
            #expect(next.status == 0, "\(next.errors)")
            try FaultMatrix.record(
                .runs, "`TOLLGATE_TIMEOUT=\(Self.budget)`, another run holds the lock",
                "`lock.held`, exit 7, after \(Self.budget) s; the next run puts it right")
        }
    }

    @Test(arguments: ["0", "-1", "ten", "86401"])
    func aBudgetThatMakesNoSenseIsRefused(_ value: String) async throws {
        try await withTemporaryFolder { folder in
            var customer = try Customer(in: folder, gateway: "http://127.0.0.1:9", key: nil)
            let flag = try await customer.pkg("download-pro", "--timeout=\(value)")
            #expect(flag.status == 64)
            #expect(flag.errors.contains("--timeout"))
            customer.environment["TOLLGATE_TIMEOUT"] = value
            let variable = try await customer.pkg("download-pro")
            #expect(variable.status == 64)
            #expect(variable.errors.contains("TOLLGATE_TIMEOUT"))
        }
    }
}

extension MiddleServer.Answer {
    /// Says nothing more behind the first bytes.
    func silent(after length: Int) -> [ScriptedServer.Step] {
        [
            .send(ScriptedServer.Step.head(status, headers, length: body.count)),
            .send(Array(body.prefix(length))), .holdUntilClientCloses,
        ]
    }
}
