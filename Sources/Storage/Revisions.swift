internal import GRDB
import Synchronization

/// How often has changed what answers are made of: whoever keeps an answer keeps this with it.
package struct Revisions: Sendable, Hashable {
    /// Plugins, releases, tags, signed files.
    package let catalogue: Int64
    /// Licenses, their instances, access keys, tokens.
    package let access: Int64

    package init(catalogue: Int64, access: Int64) {
        self.catalogue = catalogue
        self.access = access
    }
}

/// The present revisions, asked of the database only after somebody has written to it.
package final class RevisionRepository: Sendable {
    private let database: GatewayDatabase
    private let mark: DatabaseMark
    private let known = Mutex<(mark: DatabaseMark.Value, revisions: Revisions)?>(nil)

    package init(_ database: GatewayDatabase) throws(StorageError) {
        self.database = database
        mark = try DatabaseMark(of: database)
    }

    /// To be called before the database is closed.
    func forget() {
        mark.forget()
    }

    /// The revisions of this moment.
    ///
    /// What another program wrote before this is called is counted.
    ///
    /// - Throws: ``StorageError``.
    package func current() async throws(StorageError) -> Revisions {
        // The mark first: what is written after it is noticed the next time.
        let seen = mark.current()
        if let seen, let last = known.withLock({ $0 }), last.mark == seen { return last.revisions }
        let revisions = try await database.read { try $0.revisions() }
        if let seen { known.withLock { $0 = (seen, revisions) } }
        return revisions
    }
}

extension Database {
    func revisions() throws -> Revisions {
        let numbers = try Dictionary(
            uniqueKeysWithValues: Row.fetchAll(cachedStatement(sql: RevisionSQL.all))
                .map { row -> (String, Int64) in (row["subject"], row["number"]) })
        return Revisions(catalogue: numbers["catalogue"] ?? 0, access: numbers["access"] ?? 0)
    }
}

private enum RevisionSQL {
    static let all = "SELECT subject, number FROM revision"
}
