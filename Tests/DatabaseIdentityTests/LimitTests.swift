import DatabaseIdentity
import Diagnostics
import TestSupport
import Testing

/// A server that takes a connection and says nothing, asked by a run whose time is short.
@Suite struct LimitTests {
    @Test(arguments: ["postgres", "mysql"])
    func anAttemptIsLeftBehindAtTheLimit(_ scheme: String) async throws {
        let server = try ScriptedServer { _ in [] }
        defer { server.stop() }
        let address = try #require(
            try DatabaseAddress.read("\(scheme)://u:p@127.0.0.1:\(server.port)/app", from: "test"))
        let clock = ContinuousClock()
        let start = clock.now
        let error = await #expect(throws: DatabaseError.self) {
            try await DatabaseQuestion(address).ask(
                waiting: .seconds(60), atMost: .seconds(1), clock: clock)
        }
        #expect(error?.code == .databaseUnreachable)
        // libpq gives an attempt two seconds at least, and asks three times; the rest is for a
        // machine that is busy.
        #expect(clock.now - start < .seconds(30))
    }
}
