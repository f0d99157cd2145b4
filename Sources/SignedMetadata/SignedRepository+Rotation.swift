package import FoundationEssentials

extension SignedRepository {
    /// Signs the next root: with other keys, or with the same before it expires.
    ///
    /// The new root is signed by a threshold of the old root's keys and of its own (section 6.1).
    /// Roles whose keys change are signed anew, all that depends on them too; as long as the old
    /// keys are at hand by both, so that old and new clients find files to verify at every moment.
    /// The root is the last file then, and without them the first.
    ///
    /// - Parameters:
    ///   - roles: the keys from now on; begin with ``TopLevelKeys/init(of:)``
    ///   - keys: the private keys, old and new
    ///   - now: the present time
    ///   - read: the bytes of a file by its name, asked for every delegated role when the keys of
    ///     targets change
    /// - Returns: the next state and its files
    /// - Throws: ``TrustError``; what `read` throws.
    package func rotatingRoot(
        to roles: TopLevelKeys, keys: SigningKeys, now: Date,
        reading read: (String) throws -> [UInt8]?
    ) throws -> Publication {
        let next = roles.root(version: root.version + 1, expires: lifetimes.expiry(.root, now))
        let rootBytes = try keys.sign(
            next, role: "root", by: [next.roleKeys(for: .root), root.roleKeys(for: .root)])
        let rootFiles = [
            MetadataFile(name: "\(next.version).root.json", bytes: rootBytes),
            MetadataFile(name: "root.json", bytes: rootBytes),
        ]
        func changes(_ role: TopLevelRole) -> Bool {
            next.roleKeys(for: role) != root.roleKeys(for: role)
        }
        guard changes(.targets) || changes(.snapshot) || changes(.timestamp) else {
            return Publication(
                repository: SignedRepository(
                    root: next, targets: targets, snapshot: snapshot, timestamp: timestamp,
                    lifetimes: lifetimes),
                files: rootFiles)
        }
        var draft = RepositoryDraft(of: self, keys: keys, now: now)
        try draft.rotate(to: next, reading: read)
        let publication = try draft.publication()
        return Publication(
            repository: publication.repository,
            files: ordered(publication.files, after: rootFiles, of: next) {
                keys.canSign(for: root.roleKeys(for: $0))
            })
    }

    /// The files of a root that follows and those signed by its keys, in the order in which every
    /// client can verify what it finds at each moment.
    ///
    /// Without the signatures of an old key the old root cannot verify the new files: then it must
    /// go first.
    func ordered(
        _ files: [MetadataFile], after rootFiles: [MetadataFile], of next: Root,
        isSignedByOldKeys: (TopLevelRole) -> Bool
    ) -> [MetadataFile] {
        let isSignedByBoth = [TopLevelRole.targets, .snapshot, .timestamp].allSatisfy {
            next.roleKeys(for: $0) == root.roleKeys(for: $0) || isSignedByOldKeys($0)
        }
        return isSignedByBoth ? files + rootFiles : rootFiles + files
    }
}
