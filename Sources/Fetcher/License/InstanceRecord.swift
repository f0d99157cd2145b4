import CanonicalJSON
import Cryptography
import DatabaseIdentity

/// What this installation is known by, from run to run (`.license/instance.json`).
///
/// It keeps the facts that were proven, so that the ID holds while the database is away, a server
/// that cannot say who it is is known again, and a mismatch can show what a fact was before.
struct InstanceRecord: Equatable {
    /// The facts that bound once, and the database that they were taken from.
    struct Known: Equatable {
        var binding: [String: String]
        /// Nil: the storage folder's own number bound, or the facts were given up by `--force`.
        var database: DatabaseSighting?
    }

    /// The number that stands for the storage folder.
    private(set) var storageID: String
    /// How many servers without an identity of their own were given one here.
    private(set) var numberedServers: Int64 = 0
    /// Newest first.
    ///
    /// More than one, so that a start with a wrong address costs nothing.
    private(set) var known: [Known] = []

    private static let limit = 8

    init() {
        storageID = Hex.encode(SecureRandom.bytes(16))
    }

    /// What bound before the facts that bind now, newest first.
    func before(_ binding: [String: String]) -> [[String: String]] {
        known.map(\.binding).filter { $0 != binding }
    }
}

// MARK: - What binds

extension InstanceRecord {
    /// The facts of an installation without a database server, which are remembered.
    mutating func bindStorage() -> [String: String] {
        let binding = ["storage.id": storageID]
        remember(Known(binding: binding, database: nil))
        return binding
    }

    /// The facts of a database, which are remembered.
    ///
    /// The server's fact is what it was when this server was first seen: of a MariaDB that has no
    /// identity a number given here, of a PostgreSQL that went through `pg_upgrade` the identity that
    /// it had before.
    mutating func bind(_ sighting: DatabaseSighting) -> [String: String] {
        let seen =
            known.first { $0.database.map(sighting.isSameServer) ?? false }
            ?? known.first { $0.database.map(sighting.continues) ?? false }
        let server = seen?.binding[Self.server] ?? "\(sighting.product.rawValue)/\(name(sighting))"
        let binding = [Self.server: server, Self.database: sighting.database]
        remember(Known(binding: binding, database: sighting))
        return binding
    }

    /// Gives everything up that binds by having been seen; the facts stay for messages.
    mutating func forget() {
        storageID = Hex.encode(SecureRandom.bytes(16))
        known = known.map { Known(binding: $0.binding, database: nil) }
    }

    private static let server = "database.server"
    private static let database = "database.name"

    /// Made of the storage folder's number, so that two runs at once give the same.
    private mutating func name(_ sighting: DatabaseSighting) -> String {
        if let identity = sighting.identity { return identity }
        numberedServers += 1
        let digest = Digest.of(.sha256, Array("\(storageID)/\(numberedServers)".utf8))
        return "known here as \(digest.hex.prefix(16))"
    }

    private mutating func remember(_ new: Known) {
        known.removeAll { $0.binding == new.binding }
        known = Array(([new] + known).prefix(Self.limit))
    }

    /// Whether it says the same but for the numbers that grow all the time.
    func isWorthSaving(after earlier: InstanceRecord) -> Bool {
        func still(_ record: InstanceRecord) -> InstanceRecord {
            var record = record
            for index in record.known.indices { record.known[index].database?.transaction = nil }
            return record
        }
        return still(self) != still(earlier)
    }
}

// MARK: - The file

extension InstanceRecord {
    var json: JSONValue {
        [
            "schema": 1, "storage_id": .string(storageID),
            "numbered_servers": .integer(numberedServers),
            "known": .array(
                known.map { known in
                    var json: JSONObject = ["binding": JSONValue(sorted: known.binding)]
                    json["database"] = known.database?.json
                    return .object(json)
                }),
        ]
    }

    /// - Throws: ``JSONError`` for what is no record.
    init(_ reader: JSONReader) throws(JSONError) {
        storageID = try reader["storage_id"].nonEmptyString()
        guard let list = try reader.optional("known") else {
            // Of a `pkg` that knew of no databases.
            known = [Known(binding: ["storage.id": storageID], database: nil)]
            return
        }
        numberedServers = try reader["numbered_servers"].count()
        for entry in try list.array() {
            var database: DatabaseSighting? = nil
            if let sighting = try entry.optional("database") {
                database = try DatabaseSighting(sighting)
            }
            known.append(Known(binding: try entry["binding"].stringsByName(), database: database))
        }
    }
}
