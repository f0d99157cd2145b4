import CanonicalJSON
import Cryptography

/// Whom a targets role trusts with which paths: DELEGATIONS of section 4.5, and the hash bins of
/// TAP 15.
package struct Delegations: Hashable, Sendable {
    /// By key ID.
    package let keys: [String: Key]
    /// In the order of trust; empty when hash bins are used.
    package let roles: [DelegatedRole]
    /// The hash bins that all paths are spread over, or nil.
    package let bins: HashBins?

    package init(keys: [String: Key], roles: [DelegatedRole]) {
        self.keys = keys
        self.roles = roles
        bins = nil
    }

    init(_ reader: JSONReader) throws(JSONError) {
        keys = try readKeys(reader["keys"])
        if let binsReader = try reader.optional("succinct_roles") {
            guard try reader.optional("roles") == nil else { throw reader.failure(.invalidValue) }
            bins = try HashBins(binsReader)
            roles = []
            return
        }
        bins = nil
        let rolesReader = try reader["roles"]
        var roles: [DelegatedRole] = []
        var names: Set<String> = []
        for roleReader in try rolesReader.array() {
            let role = try DelegatedRole(roleReader)
            guard names.insert(role.name).inserted else {
                throw roleReader.failure(.duplicateMember)
            }
            roles.append(role)
        }
        self.roles = roles
    }

    /// The role of that name, ready to verify with, or nil when nothing is delegated to it.
    package func verifier(for name: String) -> RoleVerifier? {
        let roleKeys =
            bins.map { $0.contains(name) ? $0.roleKeys : nil }
            ?? roles.first { $0.name == name }?.roleKeys
        return roleKeys.map { RoleVerifier(role: name, $0, among: keys) }
    }

    /// The roles that may describe the path, in the order of trust.
    func roles(for path: String) -> [(name: String, isTerminating: Bool)] {
        if let bins { return [(bins.name(for: path), true)] }
        return roles.filter { $0.paths.include(path) }.map { ($0.name, $0.isTerminating) }
    }

    var json: JSONValue {
        var members: JSONObject = ["keys": JSONValue(sorted: keys.mapValues(\.json))]
        if let bins {
            members["succinct_roles"] = bins.json
        } else {
            members["roles"] = .array(roles.map(\.json))
        }
        return .object(members)
    }
}

/// One delegation: a role, its keys, and the paths that it is trusted with.
package struct DelegatedRole: Hashable, Sendable {
    package let name: String
    package let roleKeys: RoleKeys
    package let paths: DelegatedPaths
    /// Whether later delegations are not asked about paths that this one is trusted with.
    package let isTerminating: Bool

    package init(name: String, roleKeys: RoleKeys, paths: DelegatedPaths, isTerminating: Bool) {
        self.name = name
        self.roleKeys = roleKeys
        self.paths = paths
        self.isTerminating = isTerminating
    }

    init(_ reader: JSONReader) throws(JSONError) {
        let nameReader = try reader["name"]
        name = try nameReader.string()
        // A role of such a name would be stored over the trusted root, or over its history.
        guard !name.isEmpty, TopLevelRole(rawValue: name) == nil, !RootHistory.isName(name) else {
            throw nameReader.failure(.invalidValue)
        }
        roleKeys = try RoleKeys(reader)
        paths = try DelegatedPaths(reader)
        isTerminating = try reader.optional("terminating")?.bool() ?? false
    }

    var json: JSONValue {
        var members = roleKeys.members
        members["name"] = .string(name)
        members[paths.member.name] = paths.member.value
        members["terminating"] = .bool(isTerminating)
        return .object(members)
    }
}

/// The paths that a delegation is about.
package enum DelegatedPaths: Hashable, Sendable {
    case patterns([PathPattern])
    /// Beginnings of the hexadecimal SHA-256 of the path.
    case hashPrefixes([String])

    init(_ reader: JSONReader) throws(JSONError) {
        let patterns = try reader.optional("paths")?.strings()
        let prefixes = try reader.optional("path_hash_prefixes")?.strings()
        switch (patterns, prefixes) {
        case (let patterns?, nil): self = .patterns(patterns.map(PathPattern.init))
        case (nil, let prefixes?): self = .hashPrefixes(prefixes)
        default: throw reader.failure(.invalidValue)
        }
    }

    func include(_ path: String) -> Bool {
        switch self {
        case .patterns(let patterns): return patterns.contains { $0.matches(path) }
        case .hashPrefixes(let prefixes):
            let hash = Digest.of(.sha256, Array(path.utf8)).hex
            return prefixes.contains { hash.hasPrefix($0) }
        }
    }

    /// Whether they include some path that begins with the prefix.
    func mayInclude(pathsUnder prefix: String) -> Bool {
        switch self {
        case .patterns(let patterns):
            patterns.contains { $0.mayMatch(pathsUnder: prefix) }
        case .hashPrefixes(let prefixes): !prefixes.isEmpty
        }
    }

    fileprivate var member: (name: String, value: JSONValue) {
        switch self {
        case .patterns(let patterns): ("paths", .array(patterns.map { .string($0.text) }))
        case .hashPrefixes(let prefixes):
            ("path_hash_prefixes", .array(prefixes.map { .string($0) }))
        }
    }
}

/// All paths spread over 2^`bitLength` roles by the first bits of their SHA-256 (TAP 15).
package struct HashBins: Hashable, Sendable {
    package let bitLength: Int
    package let namePrefix: String
    package let roleKeys: RoleKeys

    init(_ reader: JSONReader) throws(JSONError) {
        let bitsReader = try reader["bit_length"]
        let bits = try bitsReader.integer()
        guard (1...32).contains(bits) else { throw bitsReader.failure(.invalidValue) }
        bitLength = Int(bits)
        let prefixReader = try reader["name_prefix"]
        namePrefix = try prefixReader.string()
        roleKeys = try RoleKeys(reader)
    }

    /// The name of the bin that the path is in.
    func name(for path: String) -> String {
        let hash = Digest.of(.sha256, Array(path.utf8)).bytes
        let first = hash.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return name(ofBin: UInt64(first >> UInt32(32 - bitLength)))
    }

    /// The names of all bins.
    var names: some Sequence<String> {
        (UInt64(0)..<UInt64(1) << UInt64(bitLength)).lazy.map(name(ofBin:))
    }

    func contains(_ name: String) -> Bool {
        guard name.hasPrefix("\(namePrefix)-"),
            let bin = UInt64(name.dropFirst(namePrefix.count + 1), radix: 16)
        else { return false }
        return bin >> UInt64(bitLength) == 0 && self.name(ofBin: bin) == name
    }

    private func name(ofBin bin: UInt64) -> String {
        let width = (bitLength + 3) / 4
        let digits = String(bin, radix: 16)
        return
            "\(namePrefix)-\(String(repeating: "0", count: max(0, width - digits.count)))\(digits)"
    }

    fileprivate var json: JSONValue {
        var members = roleKeys.members
        members["bit_length"] = .integer(Int64(bitLength))
        members["name_prefix"] = .string(namePrefix)
        return .object(members)
    }
}
