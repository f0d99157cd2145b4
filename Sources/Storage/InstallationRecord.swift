package import CanonicalJSON
package import FoundationEssentials
internal import GRDB

/// One instance that a license is bound to.
package struct InstallationRecord: Sendable, Hashable {
    /// `ins_` and 32 hexadecimal digits.
    package let id: String
    /// The ID of the license.
    package let license: String
    /// The Instance ID.
    package let instance: String
    /// The salted hashes of the facts behind the Instance ID, as the instance sent them; nil: it was
    /// bound by the vendor and has not been heard of.
    package let facts: JSONValue?
    /// Application version, platform, `pkg` version, domains; nil as with ``facts``.
    package let environment: JSONValue?
    /// That of the last check-in.
    package let counter: Int64
    /// The counter when it registered again and began to count anew; nil: it has not.
    package let counterBefore: Int64?
    /// The installed plugins and mismatches that the latest check-in told; nil before the first.
    package let report: JSONValue?
    package let registered: Date
    /// When it was heard of last; when it was bound, before that.
    package let lastCheckIn: Date
    /// The end of the window after the license moved away; nil: it holds the license.
    package let validUntil: Date?
    /// Whether it may have the license back without a further move: the customer moved it away and
    /// has not taken that back.
    package let mayReturn: Bool
    /// When two machines seemed to answer to its Instance ID, the last time; nil: never.
    package let flagged: Date?
    package let released: Date?

    /// Whether it may use the license: it holds it, or the window after a move is open.
    package func isCurrent(at now: Date) -> Bool {
        released == nil && validUntil.map { now < $0 } ?? true
    }
}

extension InstallationRecord {
    init(_ row: Row) throws {
        // What no instance ever sent is an empty object in the columns.
        func sent(_ column: String) throws -> JSONValue? {
            let value = try storedJSON(row[column])
            return value == [:] ? .none : value
        }
        self.init(
            id: row["id"], license: row["license"], instance: row["instance"],
            facts: try sent("facts"), environment: try sent("environment"),
            counter: row["counter"], counterBefore: row["counter_before"],
            report: try (row["report"] as String?).map { try storedJSON($0) },
            registered: Date(seconds: row["registered_at"]),
            lastCheckIn: Date(seconds: row["last_check_in_at"]),
            validUntil: (row["valid_until"] as Int64?).map(Date.init(seconds:)),
            mayReturn: row["may_return"],
            flagged: (row["flagged_at"] as Int64?).map(Date.init(seconds:)),
            released: (row["released_at"] as Int64?).map(Date.init(seconds:)))
    }
}

/// An installation that is about to be.
struct NewInstallation {
    let id: String
    let instance: String
    var facts: JSONValue = [:]
    var environment: JSONValue = [:]
}
