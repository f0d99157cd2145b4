import FoundationEssentials

/// The next state of a repository while it is being made.
struct RepositoryDraft {
    private let former: SignedRepository
    private let keys: SigningKeys
    private let now: Date
    private(set) var root: Root
    private var targets: Targets
    private var files: [String: FileDescription]
    private var delegations: Delegations
    private var written: [MetadataFile] = []
    /// Whether the top-level targets must be signed although its targets stay the same.
    var topLevelChanged = false

    init(of former: SignedRepository, keys: SigningKeys, now: Date) {
        self.former = former
        self.keys = keys
        self.now = now
        root = former.root
        targets = former.targets
        files = former.snapshot.files
        delegations = former.targets.delegations ?? Delegations(keys: [:], roles: [])
    }

    /// Takes the root that follows; from now on roles are signed for both.
    mutating func follow(_ next: Root) { root = next }

    /// The present metadata of a delegated role, verified but for its expiry, or nil when there is
    /// none yet.
    func metadata(
        of role: String, reading read: (String) throws -> [UInt8]?
    ) throws -> Targets? {
        guard let description = files["\(role).json"],
            let verifier = delegations.verifier(for: role)
        else { return nil }
        let name = "\(description.version).\(encodedFileName(role)).json"
        guard let bytes = try read(name) else { throw TrustError.missing(name) }
        try description.check(bytes, file: name)
        return try UnverifiedMetadata(bytes, role: role).verified(as: Targets.self, by: verifier)
    }

    /// Delegates a plugin's paths to its role, with the keys of the targets role, unless that was
    /// done before.
    mutating func delegate(to plugin: String) throws(TrustError) {
        let name = PluginRole.name(of: plugin)
        guard !delegations.roles.contains(where: { $0.name == name }) else { return }
        let role = DelegatedRole(
            name: name, roleKeys: root.roleKeys(for: .targets),
            paths: try PluginRole.paths(of: plugin), isTerminating: true)
        setRoles(delegations.roles + [role])
    }

    /// Gives all delegated roles the keys of the targets role as the root lists them now.
    mutating func delegateWithKeysOfRoot() {
        setRoles(
            delegations.roles.map {
                DelegatedRole(
                    name: $0.name, roleKeys: root.roleKeys(for: .targets), paths: $0.paths,
                    isTerminating: $0.isTerminating)
            })
    }

    private mutating func setRoles(_ roles: [DelegatedRole]) {
        let used = Set(roles.flatMap(\.roleKeys.keyIDs))
        let known = delegations.keys.merging(root.keys) { $1 }
        delegations = Delegations(keys: known.filter { used.contains($0.key) }, roles: roles)
        topLevelChanged = true
    }

    /// Signs the next version of a delegated role.
    mutating func sign(
        _ role: String, targets: [String: TargetDescription]
    ) throws(TrustError) {
        guard let delegated = delegations.roles.first(where: { $0.name == role }) else {
            throw .malformed(role, "nothing is delegated to it")
        }
        let next = Targets(
            version: (files["\(role).json"]?.version ?? 0) + 1,
            expires: former.lifetimes.expiry(.targets, now), targets: targets)
        try write(next, role, by: [delegated.roleKeys])
    }

    /// Signs the next version of the top-level targets, when anything in it changed.
    mutating func signTopLevel(targets listed: [String: TargetDescription]) throws(TrustError) {
        guard topLevelChanged || listed != targets.targets else { return }
        targets = Targets(
            version: targets.version + 1, expires: former.lifetimes.expiry(.targets, now),
            targets: listed, delegations: delegations.roles.isEmpty ? nil : delegations)
        try write(targets, "targets", by: signers(of: .targets))
    }

    /// Signs snapshot and timestamp: what was drafted becomes a publication.
    mutating func publication() throws(TrustError) -> Publication {
        let snapshot = Snapshot(
            version: former.snapshot.version + 1, expires: former.lifetimes.expiry(.snapshot, now),
            files: files)
        let snapshotBytes = try keys.sign(snapshot, role: "snapshot", by: signers(of: .snapshot))
        let timestamp = Timestamp(
            version: former.timestamp.version + 1,
            expires: former.lifetimes.expiry(.timestamp, now),
            snapshot: FileDescription(version: snapshot.version, of: snapshotBytes))
        let timestampBytes = try keys.sign(
            timestamp, role: "timestamp", by: signers(of: .timestamp))
        written.append(
            MetadataFile(name: "\(snapshot.version).snapshot.json", bytes: snapshotBytes))
        written.append(MetadataFile(name: "timestamp.json", bytes: timestampBytes))
        return Publication(
            repository: SignedRepository(
                root: root, targets: targets, snapshot: snapshot, timestamp: timestamp,
                lifetimes: former.lifetimes),
            files: written)
    }

    private mutating func write(
        _ metadata: Targets, _ role: String, by signers: [RoleKeys]
    ) throws(TrustError) {
        let bytes = try keys.sign(metadata, role: role, by: signers)
        files["\(role).json"] = FileDescription(version: metadata.version, of: bytes)
        written.append(
            MetadataFile(name: "\(metadata.version).\(encodedFileName(role)).json", bytes: bytes))
    }

    /// Who signs: the keys that the root lists, and while it is being followed by another those of
    /// the former too, if they are at hand: then a client that has not seen the new root yet is
    /// never left without metadata that it can verify.
    private func signers(of role: TopLevelRole) -> [RoleKeys] {
        let current = root.roleKeys(for: role)
        let before = former.root.roleKeys(for: role)
        return before != current && keys.canSign(for: before) ? [current, before] : [current]
    }
}
