import Diagnostics
import Glibc

/// One connection to PostgreSQL; blocks its thread, each step for a limited time.
struct PostgresConnection: ~Copyable {
    private let library: PostgresLibrary
    private let connection: PostgresLibrary.Connection
    private let address: DatabaseAddress
    /// How long an answer may take.
    private let patience: Int32

    /// Connects.
    ///
    /// - Parameters:
    ///   - library: libpq
    ///   - address: where to
    ///   - seconds: how long connecting may take for each host, and each answer
    /// - Throws: ``DatabaseError`` `database.unreachable`, `database.refused`.
    init(_ library: PostgresLibrary, _ address: DatabaseAddress, seconds: Int) throws(DatabaseError)
    {
        let options = Self.options(address, seconds: seconds)
        let opened = Self.with(options) { library.connect($0, $1, 0) }
        guard let opened else {
            throw DatabaseError(
                .databaseRefused, "There is no memory for a connection to \(address).")
        }
        guard library.status(opened) == PostgresLibrary.connectionOK else {
            let words = Self.words(library, opened)
            library.finish(opened)
            throw Self.failure(library, address, options, words)
        }
        self.library = library
        self.address = address
        connection = opened
        patience = Int32(seconds) * 1_000
    }

    deinit {
        library.finish(connection)
    }

    /// The rows of a query as texts; nil for NULL.
    ///
    /// - Parameter query: SQL, one statement
    /// - Returns: one array a row.
    /// - Throws: ``PostgresRefusal`` with the SQLSTATE.
    func rows(_ query: String) throws(PostgresRefusal) -> [[String?]] {
        guard library.sendQuery(connection, query) == 1 else { throw refusal(nil) }
        var rows: [[String?]] = []
        while let result = try nextResult() {
            defer { library.clear(result) }
            guard library.resultStatus(result) == PostgresLibrary.tuplesOK else {
                let state = library.resultField(result, PostgresLibrary.sqlState)
                throw refusal(state.map { String(cString: $0) })
            }
            for row in 0..<library.rowCount(result) {
                rows.append(
                    (0..<library.columnCount(result)).map { column in
                        library.value(result, row, column).map { String(cString: $0) }
                    })
            }
        }
        return rows
    }

    private func nextResult() throws(PostgresRefusal) -> PostgresLibrary.Rows? {
        while library.isBusy(connection) == 1 {
            var descriptor = pollfd(
                fd: library.socket(connection), events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, patience)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else {
                throw PostgresRefusal(sqlState: nil, words: "no answer in \(patience / 1_000) s")
            }
            guard library.consumeInput(connection) == 1 else { throw refusal(nil) }
        }
        return library.nextResult(connection)
    }

    private func refusal(_ sqlState: String?) -> PostgresRefusal {
        PostgresRefusal(sqlState: sqlState, words: Self.words(library, connection))
    }

    private static func words(
        _ library: PostgresLibrary, _ connection: PostgresLibrary.Connection
    ) -> String {
        DatabaseError.said(library.errorMessage(connection).map { String(cString: $0) } ?? "")
    }
}

/// A question that PostgreSQL did not answer.
struct PostgresRefusal: Error {
    /// PostgreSQL's Appendix A; nil when the connection broke.
    let sqlState: String?
    let words: String
}

// MARK: - Connecting

extension PostgresConnection {
    private typealias Option = (name: String, value: String)

    /// Those of libpq's parameters that an address may bring; others are the application's driver's.
    private static let knownParameters: Set = [
        "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "sslsni",
        "ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding", "gssencmode",
        "krbsrvname", "require_auth", "hostaddr", "options", "passfile", "service",
        "target_session_attrs",
    ]

    private static func options(_ address: DatabaseAddress, seconds: Int) -> [Option] {
        var options: [Option] = address.parameters
            .filter { knownParameters.contains($0.key) }
            .map { ($0.key, $0.value) }
        // As libpq itself reads JDBC's ssl=true, and node-postgres' no-verify.
        if ["true", "1"].contains(address.parameters["ssl"]), address.parameters["sslmode"] == nil {
            options.append(("sslmode", "require"))
        }
        options = options.map { option in
            option == ("sslmode", "no-verify") ? ("sslmode", "require") : option
        }
        if !address.hosts.isEmpty {
            options.append(("host", address.hosts.map(\.name).joined(separator: ",")))
            options.append(
                ("port", address.hosts.map { $0.port.map { "\($0)" } ?? "" }.joined(separator: ","))
            )
        }
        if let user = address.user { options.append(("user", user)) }
        if let password = address.password { options.append(("password", password.reveal())) }
        if let database = address.database { options.append(("dbname", database)) }
        return options + [
            // libpq takes less than 2 for 2.
            ("connect_timeout", "\(max(2, seconds))"), ("application_name", "pkg"),
            ("client_encoding", "UTF8"),
        ]
    }

    private static func with<Result>(
        _ options: [Option],
        _ body: (PostgresLibrary.Texts, PostgresLibrary.Texts) -> Result
    ) -> Result {
        withCStrings(options.map(\.name)) { names in
            withCStrings(options.map(\.value)) { values in body(names, values) }
        }
    }

    /// Why there is no connection.
    ///
    /// libpq keeps the SQLSTATE of a refused connection to itself. Its ping says whether the server
    /// is there at all, and whether it still starts (57P03); without TLS and with nobody's
    /// credentials it says whether it was TLS that failed.
    private static func failure(
        _ library: PostgresLibrary, _ address: DatabaseAddress, _ options: [Option], _ words: String
    ) -> DatabaseError {
        var state = with(options) { library.ping($0, $1, 0) }
        if state == PostgresLibrary.pingNoResponse {
            let open =
                options.filter { !$0.name.hasPrefix("ssl") && $0.name != "channel_binding" }
                + [
                    ("sslmode", "disable"), ("user", "pkg"), ("password", "none"),
                    ("dbname", "postgres"),
                ]
            state = with(open) { library.ping($0, $1, 0) }
        }
        switch state {
        case PostgresLibrary.pingReject:
            return DatabaseError(
                .databaseUnreachable, "The server of \(address) is still starting: \(words)")
        case PostgresLibrary.pingNoResponse:
            return DatabaseError(.databaseUnreachable, "Nothing answers for \(address): \(words)")
        case PostgresLibrary.pingNoAttempt:
            return DatabaseError(
                .databaseRefused, "libpq cannot use the address of \(address): \(words)")
        default:
            return DatabaseError(
                .databaseRefused, "The server of \(address) does not let us in: \(words)")
        }
    }
}
