import DatabaseIdentity
import Diagnostics
import FoundationEssentials

/// Where the application's database is, in the words that the application itself is configured with.
///
/// The first of these that is set counts:
///
/// | name | whose |
/// |---|---|
/// | `DATABASE_URL` | most applications' |
/// | `DB_DIALECT`, `DB_HOST`, `DB_PORT`, `DB_DATABASE`, `DB_USER`, `DB_PASSWORD` | NocoBase's |
/// | `NC_DB` | NocoDB's |
/// | `databaseUrl` | ours, in `pkg.yaml` |
///
/// A database that is a file, as SQLite's, is no server: the storage folder's own number binds.
extension Settings {
    static func database(
        environment: [String: String], file: SettingsFile
    ) throws(UsageError) -> DatabaseAddress? {
        if let url = Setting(environment["DATABASE_URL"], from: "DATABASE_URL") {
            return try DatabaseAddress.read(url.text, from: url.source)
        }
        if let dialect = Setting(environment["DB_DIALECT"], from: "DB_DIALECT") {
            func value(_ name: String) -> Setting? { Setting(environment[name], from: name) }
            return try DatabaseAddress.make(
                dialect: (dialect.text, dialect.source), host: value("DB_HOST")?.text,
                port: value("DB_PORT").map { ($0.text, $0.source) },
                database: value("DB_DATABASE")?.text, user: value("DB_USER")?.text,
                password: value("DB_PASSWORD").map { Secret($0.text) })
        }
        guard let url = Setting(environment["NC_DB"], from: "NC_DB") ?? file["databaseUrl"] else {
            return nil
        }
        return try DatabaseAddress.read(url.text, from: url.source)
    }
}
