package import CanonicalJSON
package import FoundationEssentials

/// The root role: which keys speak for which top-level role.
package struct Root: RoleMetadata, Hashable {
    package static let type = TopLevelRole.root

    package let version: Int64
    package let expires: Date
    /// Whether files are asked for as `VERSION.name.json` and `HASH.name` (section 6.2).
    package let consistentSnapshot: Bool
    /// By key ID.
    package let keys: [String: Key]
    private let roles: [TopLevelRole: RoleKeys]
    /// The keys that license tokens are signed with, a JWK set; nil in a root that says none.
    ///
    /// A member of our own, which the specification lets other clients pass over (section 4.2).
    package let licenseKeys: JSONValue?

    package init(
        version: Int64, expires: Date, consistentSnapshot: Bool = true, keys: [String: Key],
        roles: [TopLevelRole: RoleKeys], licenseKeys: JSONValue? = nil
    ) {
        self.version = version
        self.expires = expires
        self.consistentSnapshot = consistentSnapshot
        self.keys = keys
        self.roles = roles
        self.licenseKeys = licenseKeys
    }

    private static let licenseKeysMember = "x-tollgate-license-keys"

    package init(_ reader: JSONReader) throws(JSONError) {
        let common = try CommonMembers(reader)
        version = common.version
        expires = common.expires
        consistentSnapshot = try reader.optional("consistent_snapshot")?.bool() ?? false
        keys = try readKeys(reader["keys"])
        let rolesReader = try reader["roles"]
        var roles: [TopLevelRole: RoleKeys] = [:]
        for role in TopLevelRole.allCases {
            roles[role] = try RoleKeys(rolesReader[role.rawValue])
        }
        self.roles = roles
        licenseKeys = try reader.optional(Self.licenseKeysMember)?.value
    }

    /// The keys of a top-level role; none when the root was made without them.
    package func roleKeys(for role: TopLevelRole) -> RoleKeys {
        roles[role] ?? RoleKeys(keyIDs: [])
    }

    /// The keys of a top-level role, ready to verify with.
    package func verifier(for role: TopLevelRole) -> RoleVerifier {
        RoleVerifier(role: role.rawValue, roleKeys(for: role), among: keys)
    }

    /// Whether a key that spoke for the role before no longer does.
    ///
    /// Then what it signed may be an attacker's (section 5.3.11). A key that was only added rotates
    /// nothing.
    func rotates(_ role: TopLevelRole, of previous: Root) -> Bool {
        !previous.keyNames(of: role).isSubset(of: keyNames(of: role))
    }

    /// The role's keys by what they are, or by their ID where we cannot tell.
    private func keyNames(of role: TopLevelRole) -> Set<String> {
        Set(
            roleKeys(for: role).keyIDs.map { keyID in
                guard let text = keys[keyID]?.publicText, !text.isEmpty else { return keyID }
                return text
            })
    }

    package var json: JSONValue {
        var members = commonMembers
        members["consistent_snapshot"] = .bool(consistentSnapshot)
        members["keys"] = JSONValue(sorted: keys.mapValues(\.json))
        var roleMembers = JSONObject()
        for role in TopLevelRole.allCases {
            roleMembers[role.rawValue] = .object(roleKeys(for: role).members)
        }
        members["roles"] = .object(roleMembers)
        members[Self.licenseKeysMember] = licenseKeys
        return .object(members)
    }
}
