import FoundationEssentials

/// The next state of a repository while it is being made.
struct RepositoryDraft {
    private let former: SignedRepository
    private let keys: any MetadataSigner
    private let now: Date
    private(set) var root: Root
    private var targets: Targets
    private var files: [String: FileDescription]
    private var delegations: Delegations
    /// What was drafted so far, by role.
    private(set) var written: [(role: String, file: MetadataFile)] = []
    /// Whether the top-level targets must be signed although its targets stay the same.
    var topLevelChanged = false

    init(of former: SignedRepository, keys: any MetadataSigner, now: Date) {
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
        try check(
            snapshotBytes, "\(snapshot.version).snapshot.json", MetadataLimits().snapshotLength)
        let timestamp = Timestamp(
            version: former.timestamp.version + 1,
            expires: former.lifetimes.expiry(.timestamp, now),
            snapshot: FileDescription(version: snapshot.version, of: snapshotBytes))
        let timestampBytes = try keys.sign(
            timestamp, role: "timestamp", by: signers(of: .timestamp))
        let last = [
            MetadataFile(name: "\(snapshot.version).snapshot.json", bytes: snapshotBytes),
            MetadataFile(name: "timestamp.json", bytes: timestampBytes),
        ]
        return Publication(
            repository: SignedRepository(
                root: root, targets: targets, snapshot: snapshot, timestamp: timestamp,
                lifetimes: former.lifetimes),
            files: written.map(\.file) + last)
    }

    /// Makes changes: the roles of the plugins that they are about, and the top-level targets.
    ///
    /// - Parameters:
    ///   - changes: later ones win
    ///   - plugins: more of them, whose roles are to be signed as they are
    ///   - read: the bytes of a file by its name
    /// - Throws: ``TrustError``; what `read` throws.
    mutating func apply(
        _ changes: [RepositoryChange], renewing plugins: [String] = [],
        reading read: (String) throws -> [UInt8]?
    ) throws {
        var topLevel = targets.targets
        var touched: [String: [String: TargetDescription]] = [:]
        func releases(of plugin: String) throws -> [String: TargetDescription] {
            try touched[plugin]
                ?? metadata(of: PluginRole.name(of: plugin), reading: read)?.targets ?? [:]
        }
        for plugin in plugins { touched[plugin] = try releases(of: plugin) }
        for change in changes {
            switch change {
            case .setTarget(let target): topLevel[target.path] = target
            case .removeTarget(let path): topLevel[path] = nil
            case .setRelease(let plugin, let target):
                guard try PluginRole.paths(of: plugin).include(target.path) else {
                    throw TrustError.malformed(
                        PluginRole.name(of: plugin), "it is not trusted with \(target.path)")
                }
                var all = try releases(of: plugin)
                all[target.path] = target
                touched[plugin] = all
            case .removeRelease(let plugin, let path):
                var all = try releases(of: plugin)
                all[path] = nil
                touched[plugin] = all
            }
        }
        for (plugin, releases) in touched.sorted(by: { $0.key < $1.key }) {
            try delegate(to: plugin)
            try sign(PluginRole.name(of: plugin), targets: releases)
        }
        try signTopLevel(targets: topLevel)
    }

    /// Takes the root that follows, and signs anew by its keys what they are for.
    mutating func rotate(
        to next: Root, reading read: (String) throws -> [UInt8]?
    ) throws {
        let isOfTargets = next.roleKeys(for: .targets) != root.roleKeys(for: .targets)
        var delegated: [(role: String, targets: Targets)] = []
        if isOfTargets {
            for role in delegations.roles {
                guard let metadata = try metadata(of: role.name, reading: read) else { continue }
                delegated.append((role.name, metadata))
            }
        }
        follow(next)
        guard isOfTargets else { return }
        delegateWithKeysOfRoot()
        for (role, metadata) in delegated { try sign(role, targets: metadata.targets) }
        try signTopLevel(targets: targets.targets)
    }

    /// Takes a role as others signed it.
    mutating func take(
        _ metadata: Targets, of role: String, signed bytes: [UInt8]
    ) throws(TrustError) {
        if role == TopLevelRole.targets.rawValue {
            targets = metadata
            delegations = metadata.delegations ?? Delegations(keys: [:], roles: [])
        }
        try keep(bytes, of: role, version: metadata.version)
    }

    /// - Throws: `trust.length` for a file that no client would take.
    private mutating func keep(
        _ bytes: [UInt8], of role: String, version: Int64
    ) throws(TrustError) {
        let name = "\(version).\(encodedFileName(role)).json"
        try check(bytes, name, MetadataLimits().targetsLength)
        files["\(role).json"] = FileDescription(version: version, of: bytes)
        written.append((role, MetadataFile(name: name, bytes: bytes)))
    }

    private func check(_ bytes: [UInt8], _ name: String, _ limit: Int) throws(TrustError) {
        guard bytes.count <= limit else { throw .tooLong(name, limit: limit) }
    }

    private mutating func write(
        _ metadata: Targets, _ role: String, by signers: [RoleKeys]
    ) throws(TrustError) {
        try keep(
            keys.sign(metadata, role: role, by: signers), of: role, version: metadata.version)
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
