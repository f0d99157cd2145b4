package import CanonicalJSON
package import FoundationEssentials

/// The timestamp role: which snapshot is current.
package struct Timestamp: RoleMetadata, Hashable {
    package static let type = TopLevelRole.timestamp

    package let version: Int64
    package let expires: Date
    package let snapshot: FileDescription

    package init(version: Int64, expires: Date, snapshot: FileDescription) {
        self.version = version
        self.expires = expires
        self.snapshot = snapshot
    }

    package init(_ reader: JSONReader) throws(JSONError) {
        let common = try CommonMembers(reader)
        version = common.version
        expires = common.expires
        snapshot = try FileDescription(reader["meta"][TopLevelRole.snapshot.file])
    }

    package var json: JSONValue {
        var members = commonMembers
        members["meta"] = .object([TopLevelRole.snapshot.file: snapshot.json])
        return .object(members)
    }
}
