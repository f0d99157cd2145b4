import CanonicalJSON
import Diagnostics
import FoundationEssentials
package import SignedMetadata

/// A gateway's signed statement of what was current when a bundle was made, and what is in it.
///
/// It stands where the timestamp stands (``statement``): a bundle cannot carry a fresh one.
package struct BundleIndex: Sendable, Hashable {
    /// For how long a bundle is good unless somebody chooses otherwise, in days.
    package static let usualDays = 90
    /// The longest that can be chosen, in days: as long as the vendor's releases are signed for.
    package static let maximumDays = 365

    /// Which snapshot was current, when that was said, and until when it holds.
    package let statement: SnapshotStatement
    /// The license that the releases were chosen by: `lic_…`.
    package let license: String
    package let contents: BundleContents

    package init(statement: SnapshotStatement, license: String, contents: BundleContents) {
        self.statement = statement
        self.license = license
        self.contents = contents
    }
}

extension BundleIndex {
    static let type = "bundle"

    /// The signed part.
    var json: JSONValue {
        var members = contents.members
        members["_type"] = .string(Self.type)
        members["schema"] = 1
        members["created"] = .string(statement.created.wireText)
        members["expires"] = .string(statement.expires.wireText)
        members["snapshot"] = statement.snapshot.json
        members["license"] = .string(license)
        return .object(members)
    }

    /// Reads the signed part.
    ///
    /// - Throws: ``JSONError``
    init(_ reader: JSONReader) throws(JSONError) {
        let type = try reader["_type"]
        guard try type.string() == Self.type else { throw type.failure(.invalidValue) }
        let schema = try reader["schema"]
        guard try schema.integer() == 1 else { throw schema.failure(.invalidValue) }
        statement = SnapshotStatement(
            created: try reader["created"].wireDate(), expires: try reader["expires"].wireDate(),
            snapshot: try FileDescription(reader["snapshot"]))
        license = try reader["license"].nonEmptyString()
        contents = try BundleContents(reader)
    }
}
