import Diagnostics

/// What MySQL and MariaDB are asked; every account may ask it, about what it may see.
enum MySQLQuestions {
    private static let place = "SELECT DATABASE(), VERSION()"

    /// MySQL keeps `server_uuid` in `auto.cnf` in the data folder; MariaDB has no such variable.
    private static let variables = """
        SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid')
        """

    /// All nodes of a Galera cluster have the same one.
    private static let cluster = "SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'"

    /// Of the session, in which the times below are then said.
    private static let inUTC = "SET time_zone = '+00:00'"

    /// InnoDB takes the time from the table's own file: a restart, a new release and a new container
    /// leave it, a restore makes it.
    private static let tables = """
        SELECT TABLE_NAME, UNIX_TIMESTAMP(CREATE_TIME) FROM information_schema.TABLES
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' AND CREATE_TIME IS NOT NULL
         ORDER BY CREATE_TIME, TABLE_NAME LIMIT \(DatabaseSighting.relationLimit)
        """

    /// What Galera and the feedback plugin say when they have none.
    private static let nothing: Set = ["", "unknown", "00000000-0000-0000-0000-000000000000"]

    static func ask(
        _ address: DatabaseAddress, seconds: Int, libraries: [String]
    ) throws(DatabaseError) -> DatabaseSighting {
        let connection = try MySQLConnection(MySQLLibrary(libraries), address, seconds: seconds)
        guard let place = try connection.rows(place).first, let database = place[0],
            let version = place[1]
        else {
            throw DatabaseError(
                .databaseAnswer, "The address of \(address) names no database.",
                remedy: "Write the database's name behind the host: mysql://user@host/name.")
        }
        let variables = try values(connection, variables)
        let cluster = try values(connection, cluster)["wsrep_cluster_state_uuid"]
        try connection.execute(inUTC)
        let tables = try connection.rows(tables).compactMap { row in
            if let name = row[0], let made = row[1] { (name, made) } else { nil }
        }
        return DatabaseSighting(
            // MariaDB names itself in its version; MySQL never does.
            version.lowercased().contains("mariadb") ? .mariadb : .mysql, version: version,
            database: database,
            identity: cluster.map { "cluster \($0)" }
                ?? variables["server_uuid"].map { "server \($0)" },
            machine: variables["server_uid"],
            relations: Dictionary(tables) { first, _ in first })
    }

    /// Names and values that say something.
    private static func values(
        _ connection: borrowing MySQLConnection, _ query: String
    ) throws(DatabaseError) -> [String: String] {
        var values: [String: String] = [:]
        for row in try connection.rows(query) {
            if let name = row[0], let value = row[1], !nothing.contains(value) {
                values[name] = value
            }
        }
        return values
    }
}
