package import Diagnostics

/// Where the application's database server is, and how it is entered.
package struct DatabaseAddress: Sendable, Hashable {
    /// Which protocol the server speaks.
    package enum Family: String, Sendable {
        case postgresql
        /// MySQL and MariaDB: one protocol; which of the two it is, the server says.
        case mysql
    }

    /// A host with its port, or the path of a folder or file of Unix sockets.
    package struct Host: Sendable, Hashable {
        package let name: String
        package let port: UInt16?

        package init(_ name: String, port: UInt16? = nil) {
            self.name = name
            self.port = port
        }
    }

    package let family: Family
    /// Tried one after the other; empty: what the client library takes by itself.
    package let hosts: [Host]
    package let user: String?
    package let password: Secret<String>?
    /// The name of the application's database.
    package let database: String?
    /// What the address says besides, such as `sslmode`.
    package let parameters: [String: String]

    package init(
        _ family: Family, hosts: [Host], user: String? = nil, password: Secret<String>? = nil,
        database: String? = nil, parameters: [String: String] = [:]
    ) {
        self.family = family
        self.hosts = hosts
        self.user = user
        self.password = password
        self.database = database
        self.parameters = parameters
    }
}

extension DatabaseAddress: CustomStringConvertible {
    /// For messages: `postgresql at db:5432, database "app", user "app"`; no password.
    package var description: String {
        var text = family.rawValue
        if !hosts.isEmpty {
            let names = hosts.map { host in
                printable(host.name) + (host.port.map { ":\($0)" } ?? "")
            }
            text += " at \(names.joined(separator: ", "))"
        }
        if let database { text += ", database \(quoted(database))" }
        if let user { text += ", user \(quoted(user))" }
        return text
    }
}
