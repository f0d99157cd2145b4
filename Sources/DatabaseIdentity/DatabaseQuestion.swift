import Dispatch

/// Asks a database server who it is, and waits for one that is still starting.
///
/// 1. Load the client library, connect, ask, close: on a thread of its own, because both libraries
///    block.
/// 2. When nothing answers, or the server says that it still starts, pause and try again, until the
///    wait is over. Everything else is a refusal that time does not mend.
package struct DatabaseQuestion: Sendable {
    let address: DatabaseAddress
    let postgresLibraries: [String]
    let mysqlLibraries: [String]

    /// - Parameters:
    ///   - address: where the server is
    ///   - postgresLibraries: the names to look for libpq by
    ///   - mysqlLibraries: the names to look for libmariadb or libmysqlclient by
    package init(
        _ address: DatabaseAddress, postgresLibraries: [String]? = nil,
        mysqlLibraries: [String]? = nil
    ) {
        self.address = address
        self.postgresLibraries = postgresLibraries ?? PostgresLibrary.names
        self.mysqlLibraries = mysqlLibraries ?? MySQLLibrary.names
    }

    /// One client at a time: libmysqlclient begins its own set-up in its first call.
    private static let thread = DispatchQueue(label: "pkg.database")

    /// How long one attempt may take.
    private static let patience = Duration.seconds(10)
    private static let pauses: [Duration] = [
        .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4),
    ]

    /// Asks.
    ///
    /// - Parameters:
    ///   - wait: how long a server that does not answer is waited for
    ///   - clock: measures it
    ///   - announce: called once, before the first pause
    /// - Returns: What the server said.
    /// - Throws: ``DatabaseError`` `database.unreachable` after the wait; `database.refused`,
    ///   `database.client-missing`, `database.answer` at once.
    package func ask<Time: Clock>(
        waiting wait: Duration, clock: Time, announce: @Sendable (DatabaseError) -> Void = { _ in }
    ) async throws -> DatabaseSighting where Time.Duration == Duration {
        let end = clock.now.advanced(by: wait)
        var pauses = Self.pauses.makeIterator()
        var pause = Duration.zero
        while true {
            let left = clock.now.duration(to: end)
            do {
                return try await attempt(within: min(max(left, .seconds(2)), Self.patience))
            } catch let error as DatabaseError where error.mayPass && clock.now < end {
                if pause == .zero { announce(error) }
                pause = pauses.next() ?? pause
                try await clock.sleep(
                    until: min(clock.now.advanced(by: pause), end), tolerance: nil)
            }
        }
    }

    private func attempt(within limit: Duration) async throws -> DatabaseSighting {
        let seconds = Int(limit.components.seconds)
        return try await withCheckedThrowingContinuation { continuation in
            Self.thread.async {
                continuation.resume(with: Result { try askOnce(seconds: seconds) })
            }
        }
    }

    /// Blocks.
    private func askOnce(seconds: Int) throws(DatabaseError) -> DatabaseSighting {
        switch address.family {
        case .postgresql:
            try PostgresQuestions.ask(address, seconds: seconds, libraries: postgresLibraries)
        case .mysql:
            try MySQLQuestions.ask(address, seconds: seconds, libraries: mysqlLibraries)
        }
    }
}
