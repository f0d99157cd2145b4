import Diagnostics

/// What PostgreSQL is asked; every role may ask it.
enum PostgresQuestions {
    /// Made by initdb, kept by restarts, minor releases and streaming replicas.
    private static let identity = "SELECT system_identifier FROM pg_control_system()"

    private static let place = """
        SELECT current_database(), current_setting('server_version'),
               txid_snapshot_xmax(txid_current_snapshot())
        """

    /// 16384 is FirstNormalObjectId of access/transam.h: what initdb makes has a lower one.
    private static let relations = """
        SELECT c.relkind::text || ' ' || n.nspname || '.' || c.relname, c.oid
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'i', 'S') AND n.nspname !~ '^pg_'
         ORDER BY c.oid LIMIT \(DatabaseSighting.relationLimit)
        """

    /// No such privilege, no such function, not supported: a server that only speaks the protocol.
    private static let untold: Set = ["42501", "42883", "0A000"]

    static func ask(
        _ address: DatabaseAddress, seconds: Int, libraries: [String]
    ) throws(DatabaseError) -> DatabaseSighting {
        let connection = try PostgresConnection(
            PostgresLibrary(libraries), address, seconds: seconds)
        do throws(PostgresRefusal) {
            let place = try connection.rows(place)
            guard let row = place.first, row.count == 3, let database = row[0] else {
                throw PostgresRefusal(sqlState: nil, words: "no row")
            }
            let relations = try connection.rows(relations).compactMap { row in
                if let name = row[0], let oid = row[1] { (name, oid) } else { nil }
            }
            return DatabaseSighting(
                .postgresql, version: row[1] ?? "", database: database,
                identity: try identity(connection), transaction: row[2].flatMap { UInt64($0) },
                relations: Dictionary(relations) { first, _ in first })
        } catch {
            let state = error.sqlState.map { " (SQLSTATE \($0))" } ?? ""
            throw DatabaseError(
                .databaseAnswer, "\(address) did not answer\(state): \(error.words)")
        }
    }

    private static func identity(
        _ connection: borrowing PostgresConnection
    ) throws(PostgresRefusal) -> String? {
        do throws(PostgresRefusal) {
            return try connection.rows(identity).first?.first.flatMap { number in
                number.map { "system \($0)" }
            }
        } catch {
            guard let state = error.sqlState, untold.contains(state) else { throw error }
            return nil
        }
    }
}
