package import Diagnostics

// The addresses that applications take, as RFC 3986 and libpq's "Connection URIs" write them:
//
//   postgresql://user:password@host:5432/name?sslmode=require     (also postgres, pg)
//   mysql://user:password@host:3306/name?ssl=true                 (also mysql2, mariadb)
//   pg://host:5432?u=user&p=password&d=name                       (NocoDB's)
//   sqlite:…, sqlite3:…, file:…                                   no server
//
// What stands before the password in a mistyped address may be part of it, so that no refusal here
// shows more of an address than its scheme.
extension DatabaseAddress {
    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: the address
    ///   - source: where it was said, for the refusal
    /// - Returns: The server's address; nil for a database that is a file.
    /// - Throws: ``UsageError`` with the scheme when it is none of these, or what is wrong.
    package static func read(
        _ text: String, from source: String
    ) throws(UsageError) -> DatabaseAddress? {
        try AddressReader(source: source).read(text)
    }

    /// The address that single settings make, as in NocoBase's `DB_DIALECT`, `DB_HOST`, ….
    ///
    /// - Returns: The server's address; nil for a database that is a file.
    /// - Throws: ``UsageError`` for a dialect or a port that is none.
    package static func make(
        dialect: (text: String, source: String), host: String?,
        port: (text: String, source: String)?, database: String?, user: String?,
        password: Secret<String>?
    ) throws(UsageError) -> DatabaseAddress? {
        let reader = AddressReader(source: dialect.source)
        guard let family = try reader.family(dialect.text) else { return nil }
        var number: UInt16? = nil
        if let port { number = try AddressReader(source: port.source).port(port.text) }
        return DatabaseAddress(
            family, hosts: [Host(host ?? "localhost", port: number)], user: user,
            password: password, database: database)
    }
}

private struct AddressReader {
    let source: String

    /// The protocol of a scheme or dialect; nil for one that is a file.
    func family(_ scheme: some StringProtocol) throws(UsageError) -> DatabaseAddress.Family? {
        // A driver's name may follow: postgresql+asyncpg.
        switch scheme.lowercased().prefix(while: { $0 != "+" }) {
        case "postgres", "postgresql", "pg": return .postgresql
        case "mysql", "mysql2", "mariadb": return .mysql
        case "sqlite", "sqlite3", "file": return nil
        default:
            throw refused(
                "names a database that `pkg` cannot ask, \(quoted(String(scheme), limit: 30))",
                """
                It can ask PostgreSQL, MySQL and MariaDB, and needs no server for SQLite. For any \
                other one pin the ID: set TOLLGATE_INSTANCE_ID to what `pkg instance-id` printed \
                before, or to a name of your own.
                """)
        }
    }

    func read(_ text: String) throws(UsageError) -> DatabaseAddress? {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex,
            text[..<colon].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "+") })
        else { throw refused("is no address of a database") }
        guard let family = try family(text[..<colon]) else { return nil }
        guard text[colon...].hasPrefix("://") else {
            throw refused("has no `//` behind its scheme")
        }
        return try address(family, text[colon...].dropFirst(3))
    }

    /// Reads what stands behind `scheme://`.
    private func address(
        _ family: DatabaseAddress.Family, _ text: Substring
    ) throws(UsageError) -> DatabaseAddress {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var parameters = try query(parts.count > 1 ? parts[1] : "")
        let places = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var authority = places[0]
        var user: String? = nil
        var password: String? = nil
        if let at = authority.lastIndex(of: "@") {
            let credentials = authority[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try decoded(credentials[0])
            if credentials.count > 1 { password = try decoded(credentials[1]) }
            authority = authority[authority.index(after: at)...]
        }
        let path = places.count > 1 ? places[1] : ""
        guard !path.contains(where: { $0 == "/" || $0 == "@" }) else {
            throw refused("has more than the database's name behind its first “/”")
        }
        var hosts: [DatabaseAddress.Host] = []
        for host in authority.split(separator: ",") { hosts.append(try self.host(host)) }
        func said(_ names: String...) -> String? {
            names.compactMap { parameters.removeValue(forKey: $0) }.first { !$0.isEmpty }
        }
        if let host = said("host", "socket", "unix_socket", "socketPath") {
            hosts = [DatabaseAddress.Host(host, port: try said("port").map(port))]
        }
        let name = try decoded(path)
        let database = said("d", "dbname", "database") ?? nonEmpty(name)
        user = said("u", "user") ?? nonEmpty(user)
        password = said("p", "password") ?? nonEmpty(password)
        return DatabaseAddress(
            family, hosts: hosts, user: user, password: password.map { Secret($0) },
            database: database, parameters: parameters)
    }

    private func host(_ text: Substring) throws(UsageError) -> DatabaseAddress.Host {
        if text.first == "[" {
            guard let end = text.lastIndex(of: "]") else { throw refused("has a “[” without “]”") }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw refused("has no port behind “]”") }
            return DatabaseAddress.Host(
                String(text[text.index(after: text.startIndex)..<end]),
                port: rest.count > 1 ? try port(rest.dropFirst()) : nil)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw refused("has more than one “:” in its host") }
        let hasPort = parts.count == 2 && !parts[1].isEmpty
        return DatabaseAddress.Host(try decoded(parts[0]), port: hasPort ? try port(parts[1]) : nil)
    }

    func port(_ text: some StringProtocol) throws(UsageError) -> UInt16 {
        guard let port = UInt16(text), port > 0 else {
            throw refused("has a port that is no number from 1 to 65535")
        }
        return port
    }

    private func query(_ text: Substring) throws(UsageError) -> [String: String] {
        var parameters: [String: String] = [:]
        for item in text.split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters[try decoded(pair[0])] = try decoded(pair.count > 1 ? pair[1] : "")
        }
        return parameters
    }

    private func decoded(_ text: Substring) throws(UsageError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy({ Character(.init($0)).isHexDigit }),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16), value != 0
            else { throw refused("has a “%” that does not begin an escape like %40") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refused("is no UTF-8 when its escapes are undone")
        }
        return text
    }

    private func nonEmpty(_ text: String?) -> String? {
        text?.isEmpty == false ? text : nil
    }

    private func refused(_ what: String, _ remedy: String? = nil) -> UsageError {
        UsageError(
            "The database's address, from \(source), \(what).",
            remedy: remedy ?? """
                Write it as postgresql://user:password@host:5432/name or \
                mysql://user:password@host:3306/name, with “@” as %40, “/” as %2F, “:” as %3A, \
                “?” as %3F and “%” as %25 in the user's name and the password.
                """)
    }
}
