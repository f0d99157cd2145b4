import CanonicalJSON
import Diagnostics
internal import GRDB
package import Packages

/// The plugins and their releases.
package struct ReleaseRepository: Sendable {
    let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// A plugin with the releases that readers see and the revisions that they belong to.
    package func snapshot(of name: PackageName) async throws(StorageError) -> PluginSnapshot {
        try await database.read { database in
            PluginSnapshot(
                catalogue: try database.revisions().catalogue,
                revision: try database.revision(of: name),
                releases: try database.releases(of: name).filter { $0.state == .published })
        }
    }

    /// A release as readers see it: nil for one that awaits its signature.
    package func release(
        _ name: PackageName, _ version: SemanticVersion
    ) async throws(StorageError) -> ReleaseRecord? {
        try await recordedRelease(name, version).flatMap { $0.state == .published ? $0 : nil }
    }

    /// The releases of a plugin that readers see, in the order of their versions.
    ///
    /// Whatever answers an installation asks here or ``release(_:_:)``: they hide the releases that
    /// await their signature.
    package func releases(of name: PackageName) async throws(StorageError) -> [ReleaseRecord] {
        try await allReleases(of: name).filter { $0.state == .published }
    }

    /// A release, also one that awaits its signature.
    package func recordedRelease(
        _ name: PackageName, _ version: SemanticVersion
    ) async throws(StorageError) -> ReleaseRecord? {
        try await database.read { try $0.release(name, version) }
    }

    /// All releases of a plugin, in the order of their versions, for the vendor's own eyes.
    package func allReleases(of name: PackageName) async throws(StorageError) -> [ReleaseRecord] {
        try await database.read { try $0.releases(of: name) }
    }

    /// Those of the names that readers see a release of, in their order.
    package func existing(among names: [PackageName]) async throws(StorageError) -> [PackageName] {
        try await database.read { database in
            let statement = try database.cachedStatement(sql: ReleaseSQL.isPublished)
            return try names.filter {
                try Bool.fetchOne(statement, arguments: [$0.description]) == true
            }
        }
    }

    /// The names of the plugins that readers see a release of, sorted.
    package func plugins() async throws(StorageError) -> [PackageName] {
        try await names(ReleaseSQL.publishedPlugins)
    }

    /// The names of all plugins, sorted, for the vendor's own eyes: also of those whose releases all
    /// await their signature.
    package func allPlugins() async throws(StorageError) -> [PackageName] {
        try await names(ReleaseSQL.allPlugins)
    }

    private func names(_ sql: String) async throws(StorageError) -> [PackageName] {
        try await database.read { database in
            try String.fetchAll(database, sql: sql).map { try PackageName($0) }
        }
    }
}

extension Database {
    func release(_ name: PackageName, _ version: SemanticVersion) throws -> ReleaseRecord? {
        try Row.fetchOne(
            self, sql: ReleaseSQL.release, arguments: [name.description, version.description]
        ).map(ReleaseRecord.init)
    }

    func releases(of name: PackageName) throws -> [ReleaseRecord] {
        try Row.fetchAll(
            cachedStatement(sql: ReleaseSQL.releasesOfPlugin), arguments: [name.description]
        ).map(ReleaseRecord.init).sorted { $0.release.version < $1.release.version }
    }

    /// The release, which has to be there.
    func known(_ name: PackageName, _ version: SemanticVersion) throws -> ReleaseRecord {
        guard let known = try release(name, version) else {
            throw StorageError(.recordNotFound, "There is no release \(name)@\(version).")
        }
        return known
    }

    /// How often the plugin has changed; 0: there is none.
    func revision(of name: PackageName) throws -> Int64 {
        try Int64.fetchOne(self, sql: ReleaseSQL.revision, arguments: [name.description]) ?? 0
    }
}

enum ReleaseSQL {
    /// What a record is read from.
    static let columns = """
        release.*, (
            SELECT json_group_array(tag) FROM dist_tag
            WHERE dist_tag.plugin = release.plugin AND dist_tag.version = release.version
        ) AS tags
        """
    static let release = "SELECT \(columns) FROM release WHERE plugin = ? AND version = ?"
    static let releasesOfPlugin = "SELECT \(columns) FROM release WHERE plugin = ?"
    static let isPublished =
        "SELECT EXISTS (SELECT 1 FROM release WHERE plugin = ? AND state = 'published')"
    static let publishedPlugins = """
        SELECT name FROM plugin WHERE EXISTS (
            SELECT 1 FROM release WHERE release.plugin = plugin.name AND state = 'published'
        ) ORDER BY name
        """
    static let allPlugins = "SELECT name FROM plugin ORDER BY name"
    static let revision = "SELECT change_number FROM plugin WHERE name = ?"
}
