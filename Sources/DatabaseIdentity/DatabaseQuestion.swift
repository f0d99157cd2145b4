import Diagnostics
import Dispatch
import Synchronization

/// Asks a database server who it is, and waits for one that is still starting.
///
/// 1. Load the client library, connect, ask, close: on a thread of its own, because both libraries
///    block.
/// 2. When nothing answers, or the server says that it still starts, pause and try again, until the
///    wait is over. Everything else is a refusal that time does not mend.
/// 3. Where there is a limit, an attempt that is still going on then is left behind on its thread: a
///    client library that looks a name up, or goes from host to host, cannot be told to stop.
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
    ///   - wait: how long a server that does not answer is waited for; the last attempt may begin at
    ///     its end
    ///   - limit: after which there is an answer, whatever the client library does; nil: none
    ///   - clock: measures it
    ///   - announce: called once, before the first pause
    /// - Returns: What the server said.
    /// - Throws: ``DatabaseError`` `database.unreachable` after the wait; `database.refused`,
    ///   `database.client-missing`, `database.answer` at once.
    package func ask<Time: Clock>(
        waiting wait: Duration, atMost limit: Duration? = nil, clock: Time,
        announce: @Sendable (DatabaseError) -> Void = { _ in }
    ) async throws -> DatabaseSighting where Time.Duration == Duration {
        let last = limit.map { clock.now.advanced(by: $0) }
        let end = clock.now.advanced(by: min(wait, limit ?? wait))
        var pauses = Self.pauses.makeIterator()
        var pause = Duration.zero
        while true {
            let left = clock.now.duration(to: end)
            do {
                return try await attempt(
                    within: min(max(left, .seconds(2)), Self.patience), until: last, clock)
            } catch let error as DatabaseError where error.mayPass && clock.now < end {
                if pause == .zero { announce(error) }
                pause = pauses.next() ?? pause
                try await clock.sleep(
                    until: min(clock.now.advanced(by: pause), end), tolerance: nil)
            }
        }
    }

    private func attempt<Time: Clock>(
        within limit: Duration, until last: Time.Instant?, _ clock: Time
    ) async throws -> DatabaseSighting where Time.Duration == Duration {
        let seconds = Int(limit.components.seconds)
        return try await withCheckedThrowingContinuation { continuation in
            let answer = FirstAnswer(continuation)
            let alarm = last.map { last in
                Task {
                    try await clock.sleep(until: last, tolerance: nil)
                    answer.give(.failure(noAnswer))
                }
            }
            Self.thread.async {
                answer.give(Result { try askOnce(seconds: seconds) })
                alarm?.cancel()
            }
        }
    }

    private var noAnswer: DatabaseError {
        DatabaseError(
            .databaseUnreachable, "Nothing answered for \(address) in the time that the run has.")
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

/// Gives whoever waits the first of two answers; the other is not heard.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private let waiter: Mutex<CheckedContinuation<Value, any Error>?>

    init(_ waiter: CheckedContinuation<Value, any Error>) {
        self.waiter = Mutex(waiter)
    }

    func give(_ answer: Result<Value, any Error>) {
        let first = waiter.withLock { waiter in
            defer { waiter = nil }
            return waiter
        }
        first?.resume(with: answer)
    }
}
