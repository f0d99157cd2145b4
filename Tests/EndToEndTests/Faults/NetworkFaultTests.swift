import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Networks that cut, lie and refuse, between the real `pkg` and a real gateway.
@Suite struct NetworkFaultTests {
    @Test func answersThatAreCutAreGoneOnWith() async throws {
        try await FaultyWay.open { way in
            try await way.endure(NetworkFault.cuts + NetworkFault.lengths, atOnce: 6)
        }
    }

    @Test func answersOfOthersAreRefused() async throws {
        try await FaultyWay.open { way in
            try await way.endure(NetworkFault.strangers)
        }
    }

    @Test func temporaryRefusalsAreOvercome() async throws {
        try await FaultyWay.open { way in
            try await way.endure(NetworkFault.refusals, atOnce: 6)
        }
    }

    @Test func aRedirectToAnotherHostLosesTheCredentials() async throws {
        try await FaultyWay.open { way in
            let taken = Mutex<MiddleServer.Answer?>(nil)
            try await withScriptedServer { _ in
                [taken.withLock(\.self)?.step ?? .response(404)]
            } _: { other in
                let url = other.url("/file")
                try await way.endure(
                    NetworkFault(
                        row: "a tarball's request sent on to another host", expected: .overcome,
                        spoil: NetworkFault.once(NetworkFault.tarball) { request, _, real in
                            #expect(request.header("Authorization")?.hasPrefix("Bearer ") == true)
                            taken.withLock { $0 = real() }
                            return [.response(307, [("Location", url)])]
                        },
                        inspect: { _, _ in
                            #expect(other.requests.count == 1)
                            #expect(other.requests.allSatisfy { $0.header("Authorization") == nil })
                            return "the other host is sent no credentials"
                        }))
                try await way.endure(
                    NetworkFault(
                        row: "a check-in sent on to another host",
                        expected: .nothing("network.redirect-refused"), start: .fresh,
                        spoil: { request, _, _ in
                            request.method == "POST"
                                ? [.response(307, [("Location", url)])] : nil
                        },
                        inspect: { _, _ in
                            #expect(other.requests.count == 1, "the license key goes nowhere else")
                            return "the license key is not sent there"
                        }))
            }
        }
    }

    @Test func whatDoesNotConnectIsNamed() async throws {
        let refusing = try RefusingPort()
        let port = refusing.port
        try await FaultyWay.open { way in
            let url = way.gateway.url
            try await way.endure([
                NetworkFault(
                    row: "connection refused", expected: .unchanged("network.refused"),
                    environment: { _ in ["TOLLGATE_URL": "http://127.0.0.1:\(port)"] }),
                NetworkFault(
                    row: "a proxy that is dead", expected: .unchanged("network.proxy"),
                    environment: { _ in
                        ["TOLLGATE_URL": url, "http_proxy": "http://127.0.0.1:\(port)"]
                    }),
                NetworkFault(
                    row: "a proxy that asks for a password",
                    expected: .unchanged("network.proxy-authentication"),
                    environment: { ["TOLLGATE_URL": url, "http_proxy": $0.url] },
                    spoil: { _, _, _ in [.response(407)] }),
                NetworkFault(
                    row: "a proxy that refuses to connect", expected: .unchanged("network.proxy"),
                    environment: {
                        ["TOLLGATE_URL": "https://plugins.example", "https_proxy": $0.url]
                    },
                    spoil: { _, _, _ in [.response(403)] }),
            ])
        }
        // Held until here, so that nobody else is given the port.
        _ = consume refusing
    }
}
