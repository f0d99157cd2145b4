package import CanonicalJSON
package import FoundationEssentials

/// The snapshot role: which version of every targets file is current.
package struct Snapshot: RoleMetadata, Hashable {
    package static let type = TopLevelRole.snapshot

    package let version: Int64
    package let expires: Date
    /// By file name: `targets.json`, `plugin-acme_2faudit-log.json`.
    package let files: [String: FileDescription]

    package init(version: Int64, expires: Date, files: [String: FileDescription]) {
        self.version = version
        self.expires = expires
        self.files = files
    }

    package init(_ reader: JSONReader) throws(JSONError) {
        let common = try CommonMembers(reader)
        version = common.version
        expires = common.expires
        var files: [String: FileDescription] = [:]
        for (name, member) in try reader["meta"].members() {
            files[name] = try FileDescription(member)
        }
        self.files = files
    }

    /// What it says of a targets role, or nil when it does not list it.
    package func description(of role: String) -> FileDescription? {
        files["\(role).json"]
    }

    package var json: JSONValue {
        var members = commonMembers
        members["meta"] = JSONValue(sorted: files.mapValues(\.json))
        return .object(members)
    }
}
