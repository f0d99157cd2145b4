package import CanonicalJSON

/// What a database server said of itself at one time, and how to know it again.
package struct DatabaseSighting: Sendable, Equatable {
    package enum Product: String, Sendable {
        case postgresql, mysql, mariadb
    }

    package let product: Product
    /// As the server writes it, `10.11.19-MariaDB`, `15.20`.
    package let version: String
    /// The name of the application's database.
    package let database: String
    /// What only this server says of itself, at every start; nil where it has nothing of the kind.
    package let identity: String?
    /// PostgreSQL: the next transaction's number, which only grows in one cluster's life.
    package var transaction: UInt64?
    /// MariaDB's `server_uid`: made of the machine's MAC address and port, so that it tells the same
    /// server when it is the same and nothing when it differs.
    package let machine: String?
    /// Some relations of the application's database, with what a dump and a restore do not keep:
    /// PostgreSQL: `kind name` and its oid; MySQL and MariaDB: the name and when it was made.
    package let relations: [String: String]

    package init(
        _ product: Product, version: String, database: String, identity: String? = nil,
        transaction: UInt64? = nil, machine: String? = nil, relations: [String: String] = [:]
    ) {
        self.product = product
        self.version = version
        self.database = database
        self.identity = identity
        self.transaction = transaction
        self.machine = machine
        self.relations = relations
    }

    /// How many relations are kept.
    package static let relationLimit = 32
}

extension DatabaseSighting {
    /// Whether this is the server that was seen before, by what it says of itself.
    package func isSameServer(as earlier: DatabaseSighting) -> Bool {
        guard product == earlier.product else { return false }
        if let identity, let before = earlier.identity { return identity == before }
        // Without an identity: MariaDB, or a PostgreSQL that does not tell.
        if let machine, machine == earlier.machine { return true }
        return continues(earlier)
    }

    /// Whether this is the server that was seen before though it has another identity now.
    ///
    /// `pg_upgrade` makes a new cluster, with a system identifier of its own, and takes the oids of
    /// the relations and the number of the next transaction along; a dump and a restore take neither.
    package func continues(_ earlier: DatabaseSighting) -> Bool {
        guard product == earlier.product else { return false }
        switch product {
        case .postgresql:
            // REINDEX CONCURRENTLY and the application's own upgrades change a few of them.
            let kept = earlier.relations.filter { relations[$0.key] == $0.value }.count
            guard database == earlier.database, kept > 0, kept * 4 >= earlier.relations.count * 3,
                let transaction, let before = earlier.transaction
            else { return false }
            return transaction >= before
        case .mariadb where identity == nil && earlier.identity == nil:
            // Each ALTER TABLE makes one anew; that all were is a restore.
            return earlier.relations.isEmpty && earlier.machine == nil
                || earlier.relations.contains { relations[$0.key] == $0.value }
        case .mysql, .mariadb:
            return false
        }
    }
}

extension DatabaseSighting {
    package var json: JSONValue {
        var json: JSONObject = [
            "product": .string(product.rawValue), "version": .string(version),
            "database": .string(database),
        ]
        json["identity"] = identity.map { .string($0) }
        json["transaction"] = transaction.map { .string(String($0)) }
        json["machine"] = machine.map { .string($0) }
        json["relations"] = JSONValue(sorted: relations)
        return .object(json)
    }

    /// - Throws: ``JSONError`` for what is no sighting.
    package init(_ reader: JSONReader) throws(JSONError) {
        self.init(
            try reader["product"].word(), version: try reader["version"].string(),
            database: try reader["database"].string(),
            identity: try reader.optional("identity")?.string(),
            transaction: UInt64(try reader.optional("transaction")?.string() ?? ""),
            machine: try reader.optional("machine")?.string(),
            relations: try reader["relations"].stringsByName())
    }
}
