import Diagnostics
import Glibc

/// One connection to MySQL or MariaDB; blocks its thread, each step for a limited time.
struct MySQLConnection: ~Copyable {
    private let library: MySQLLibrary
    private let connection: MySQLLibrary.Connection
    private let address: DatabaseAddress

    /// Connects.
    ///
    /// - Parameters:
    ///   - library: libmariadb or libmysqlclient
    ///   - address: where to; the hosts are tried one after the other
    ///   - seconds: how long connecting may take, and each answer
    /// - Throws: ``DatabaseError`` `database.unreachable`, `database.refused`.
    init(_ library: MySQLLibrary, _ address: DatabaseAddress, seconds: Int) throws(DatabaseError) {
        var failure: DatabaseError? = nil
        for host in address.hosts.isEmpty ? [.init("localhost")] : address.hosts {
            do throws(DatabaseError) {
                connection = try Self.connect(library, address, host, seconds: seconds)
                self.library = library
                self.address = address
                return
            } catch {
                failure = error
                guard error.mayPass else { break }
            }
        }
        throw failure ?? DatabaseError(.databaseUnreachable, "\(address) names no host.")
    }

    deinit {
        library.close(connection)
    }

    /// The rows of a query as texts; nil for NULL.
    ///
    /// - Throws: `database.answer` with the server's words.
    func rows(_ query: String) throws(DatabaseError) -> [[String?]] {
        guard library.query(connection, query) == 0,
            let result = library.storeResult(connection)
        else {
            throw DatabaseError(
                .databaseAnswer,
                "\(address) did not answer: \(Self.words(library, connection))")
        }
        defer { library.freeResult(result) }
        let columns = Int(library.columnCount(result))
        var rows: [[String?]] = []
        while let row = library.nextRow(result) {
            rows.append((0..<columns).map { row[$0].map { String(cString: $0) } })
        }
        return rows
    }

    /// Runs a statement that has no rows.
    ///
    /// - Throws: `database.answer` with the server's words.
    func execute(_ statement: String) throws(DatabaseError) {
        guard library.query(connection, statement) == 0 else {
            throw DatabaseError(
                .databaseAnswer,
                "\(address) did not answer: \(Self.words(library, connection))")
        }
    }

    private static func words(
        _ library: MySQLLibrary, _ connection: MySQLLibrary.Connection
    ) -> String {
        let text = library.errorMessage(connection).map { String(cString: $0) } ?? ""
        return "\(DatabaseError.said(text)) (\(library.errorNumber(connection)))"
    }
}

// MARK: - Connecting

extension MySQLConnection {
    /// Errors after which the server may answer later, of errmsg.h and mysqld_error.h: 2002 and 2003
    /// nothing listens, 2005 no such host yet, 2006 and 2013 the connection was dropped, 1040 too
    /// many connections, 1053 shutting down.
    private static let passing: Set<UInt32> = [2002, 2003, 2005, 2006, 2013, 1040, 1053]

    /// The names under which drivers ask for TLS, and what means no.
    private static let tlsNames = ["ssl", "sslmode", "ssl-mode", "tls", "useSSL"]
    private static let tlsRefused: Set = [
        "", "0", "false", "disable", "disabled", "prefer", "preferred",
    ]

    private static func connect(
        _ library: MySQLLibrary, _ address: DatabaseAddress, _ host: DatabaseAddress.Host,
        seconds: Int
    ) throws(DatabaseError) -> MySQLLibrary.Connection {
        guard let connection = library.make(nil) else {
            throw DatabaseError(
                .databaseRefused, "There is no memory for a connection to \(address).")
        }
        guard setOptions(library, connection, address, seconds: seconds) else {
            library.close(connection)
            throw DatabaseError(
                .databaseRefused,
                """
                The client library cannot check the certificate of \(address), which its address \
                asks for.
                """)
        }
        let isSocket = host.name.hasPrefix("/")
        let opened = withOptionalCString(isSocket ? nil : host.name) { name in
            withOptionalCString(isSocket ? host.name : nil) { socket in
                withOptionalCString(address.user) { user in
                    withOptionalCString(address.password?.reveal()) { password in
                        withOptionalCString(address.database) { database in
                            library.connect(
                                connection, name, user, password, database,
                                UInt32(host.port ?? 3306), socket, 0)
                        }
                    }
                }
            }
        }
        // Asked to use TLS, libmariadb does without where the server cannot.
        if opened != nil, wantsTLS(address), library.cipher(connection) == nil {
            library.close(connection)
            throw DatabaseError(
                .databaseRefused,
                "The address of \(address) asks for TLS, and the server has none.")
        }
        guard opened == nil else { return connection }
        let (number, words) = (library.errorNumber(connection), words(library, connection))
        library.close(connection)
        throw passing.contains(number)
            ? DatabaseError(.databaseUnreachable, "Nothing answers for \(address): \(words)")
            : DatabaseError(
                .databaseRefused, "The server of \(address) does not let us in: \(words)")
    }

    /// - Returns: false when the server's certificate should be checked and cannot be
    private static func setOptions(
        _ library: MySQLLibrary, _ connection: MySQLLibrary.Connection, _ address: DatabaseAddress,
        seconds: Int
    ) -> Bool {
        var limit = UInt32(max(1, seconds))
        for option in [
            MySQLLibrary.connectTimeout, MySQLLibrary.readTimeout, MySQLLibrary.writeTimeout,
        ] {
            _ = library.setOption(connection, option, &limit)
        }
        guard wantsTLS(address) else { return true }
        var yes: CChar = 1
        // Whether it was used is looked at once connected.
        _ = library.setOption(connection, MySQLLibrary.tlsEnforced, &yes)
        guard let authorities = authorities(address) else { return true }
        let isTaken = authorities.withCString {
            library.setOption(connection, MySQLLibrary.tlsAuthorities, $0) == 0
        }
        return isTaken && library.setOption(connection, MySQLLibrary.tlsVerified, &yes) == 0
    }

    /// The file of certificate authorities that the server's certificate is checked by.
    private static func authorities(_ address: DatabaseAddress) -> String? {
        address.parameters["ssl-ca"] ?? address.parameters["sslca"]
    }

    private static func wantsTLS(_ address: DatabaseAddress) -> Bool {
        let wish = tlsNames.compactMap { address.parameters[$0] }.first ?? ""
        return authorities(address) != nil || !tlsRefused.contains(wish.lowercased())
    }
}
