package import CanonicalJSON
package import FoundationEssentials

/// The targets role or one that it delegates to: files with their lengths and hashes, and who else
/// may describe files.
package struct Targets: RoleMetadata, Hashable {
    package static let type = TopLevelRole.targets

    package let version: Int64
    package let expires: Date
    /// By target path.
    package let targets: [String: TargetDescription]
    package let delegations: Delegations?

    package init(
        version: Int64, expires: Date, targets: [String: TargetDescription],
        delegations: Delegations? = nil
    ) {
        self.version = version
        self.expires = expires
        self.targets = targets
        self.delegations = delegations
    }

    package init(_ reader: JSONReader) throws(JSONError) {
        let common = try CommonMembers(reader)
        version = common.version
        expires = common.expires
        var targets: [String: TargetDescription] = [:]
        for (path, member) in try reader["targets"].members() {
            targets[path] = try TargetDescription(path: path, member)
        }
        self.targets = targets
        if let delegationsReader = try reader.optional("delegations") {
            delegations = try Delegations(delegationsReader)
        } else {
            delegations = nil
        }
    }

    package var json: JSONValue {
        var members = commonMembers
        if let delegations { members["delegations"] = delegations.json }
        members["targets"] = JSONValue(sorted: targets.mapValues(\.json))
        return .object(members)
    }
}
