extension FailureCode {
    package static let databaseUnreachable = FailureCode(
        "database.unreachable",
        title: "The application's database cannot be reached",
        meaning: """
            The Instance ID is made of facts of the application's database server, and the server \
            did not answer in the time allowed: it is still starting, its name is not known, or \
            nothing listens at its address. When an Instance ID was worked out before, that one \
            holds, and this is only a notice.
            """,
        remedy: """
            Check that the database runs and that DATABASE_URL (or DB_HOST and DB_PORT) is its \
            address. Where it takes longer to start, allow more seconds with \
            TOLLGATE_DATABASE_WAIT.
            """,
        exitStatus: .network)

    package static let databaseRefused = FailureCode(
        "database.refused",
        title: "The application's database refuses the connection",
        meaning: """
            The database server answers and does not let `pkg` in: the password, the user or the \
            database's name is wrong, it wants TLS or cannot do it, or its certificate is not \
            trusted.
            """,
        remedy: """
            Correct DATABASE_URL (or the DB_ variables): `pkg` needs what the application itself \
            connects with.
            """,
        exitStatus: .license)

    package static let databaseClientMissing = FailureCode(
        "database.client-missing",
        title: "The client library of the database is not installed",
        meaning: """
            `pkg` asks PostgreSQL by libpq and MySQL or MariaDB by libmariadb (or libmysqlclient), \
            which it looks for when it needs them. None is on this machine. When an Instance ID was \
            worked out before, that one holds, and this is only a notice.
            """,
        remedy: """
            Install it in the image. For PostgreSQL: `apt-get install libpq5`, or `apk add libpq`. \
            For MySQL and MariaDB: `apt-get install libmariadb3`, or `apk add mariadb-connector-c`.
            """,
        exitStatus: .license)

    package static let databaseAnswer = FailureCode(
        "database.answer",
        title: "The application's database did not say who it is",
        meaning: """
            The connection to the database was made, but a question that the Instance ID needs an \
            answer to failed.
            """,
        remedy: """
            Correct what the server's own words complain of. Where the server is no PostgreSQL, \
            MySQL or MariaDB, pin the ID with TOLLGATE_INSTANCE_ID.
            """,
        exitStatus: .license)

    static let databaseCodes: [FailureCode] = [
        databaseUnreachable, databaseRefused, databaseClientMissing, databaseAnswer,
    ]
}
