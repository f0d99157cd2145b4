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
extension SettingsReader {
    /// The database server; nil when there is none, or when the Instance ID is pinned.
    mutating func readDatabase(isNeeded: Bool) -> DatabaseAddress? {
        let name = "databaseUrl"
        guard let source = databaseSource else {
            add(name, "no database server", from: nil)
            return nil
        }
        guard isNeeded else {
            add(name, "not asked: the Instance ID is pinned", from: source)
            return nil
        }
        do throws(UsageError) {
            let address = try database()
            add(name, address?.description ?? "a file, no server", from: source)
            return address
        } catch {
            add(name, "•••", from: source, error)
            return nil
        }
    }

    private var databaseSource: String? {
        ["DATABASE_URL", "DB_DIALECT", "NC_DB"].lazy
            .compactMap { Setting(environment[$0], from: $0) }.first?.source
            ?? file["databaseUrl"]?.source
    }

    private func database() throws(UsageError) -> DatabaseAddress? {
        func value(_ name: String) -> Setting? { Setting(environment[name], from: name) }
        if let url = value("DATABASE_URL") {
            return try DatabaseAddress.read(url.text, from: url.source)
        }
        if let dialect = value("DB_DIALECT") {
            return try DatabaseAddress.make(
                dialect: (dialect.text, dialect.source), host: value("DB_HOST")?.text,
                port: value("DB_PORT").map { ($0.text, $0.source) },
                database: value("DB_DATABASE")?.text, user: value("DB_USER")?.text,
                password: value("DB_PASSWORD").map { Secret($0.text) })
        }
        guard let url = value("NC_DB") ?? file["databaseUrl"] else { return nil }
        return try DatabaseAddress.read(url.text, from: url.source)
    }
}
