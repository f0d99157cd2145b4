package import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials

/// The vendor's side: the top-level metadata of a repository, and how its next state is made.
///
/// A pure value: every change returns a ``Publication``, the next state and the files to write, and
/// leaves this one as it is, so that the caller takes the next state once the files are on disk. The
/// files of a publication are to be written in their order. Each is referred to only by later ones,
/// and the timestamp makes all of them current at once: a crash before it leaves the old state
/// whole, and the next publication writes over what was left.
///
/// Metadata of delegated roles is not held: a change reads those that it touches, so that
/// publishing one release costs one role's file, however many plugins there are.
package struct SignedRepository: Sendable {
    package let root: Root
    package let targets: Targets
    package let snapshot: Snapshot
    package let timestamp: Timestamp
    package let lifetimes: RoleLifetimes

    init(
        root: Root, targets: Targets, snapshot: Snapshot, timestamp: Timestamp,
        lifetimes: RoleLifetimes
    ) {
        self.root = root
        self.targets = targets
        self.snapshot = snapshot
        self.timestamp = timestamp
        self.lifetimes = lifetimes
    }

    /// Reads the state from the files of an earlier publication, each verified as a client does,
    /// expiry excepted: what has expired can be signed anew.
    ///
    /// - Parameters:
    ///   - lifetimes: how long what is signed from now on is valid
    ///   - read: the bytes of a file by its name (`root.json`, `7.snapshot.json`), nil when it is
    ///     not there
    /// - Throws: ``TrustError``; what `read` throws.
    package init(
        lifetimes: RoleLifetimes = RoleLifetimes(), reading read: (String) throws -> [UInt8]?
    ) throws {
        func file(_ name: String) throws -> [UInt8] {
            guard let bytes = try read(name) else { throw TrustError.missing(name) }
            return bytes
        }
        var trusted = try TrustedMetadata(trustedRoot: file("root.json"), now: .distantPast)
        // A crash may have left root.json one behind.
        while let bytes = try read("\(trusted.root.version + 1).root.json") {
            try trusted.updateRoot(bytes)
        }
        let root = trusted.root
        let timestamp = try UnverifiedMetadata(file("timestamp.json"), role: "timestamp")
            .verified(as: Timestamp.self, by: root.verifier(for: .timestamp))
        let snapshot = try UnverifiedMetadata(
            file("\(timestamp.snapshot.version).snapshot.json"), role: "snapshot"
        ).verified(as: Snapshot.self, by: root.verifier(for: .snapshot))
        guard let description = snapshot.description(of: "targets") else {
            throw TrustError.notListed("targets")
        }
        let targets = try UnverifiedMetadata(
            file("\(description.version).targets.json"), role: "targets"
        ).verified(as: Targets.self, by: root.verifier(for: .targets))
        self.init(
            root: root, targets: targets, snapshot: snapshot, timestamp: timestamp,
            lifetimes: lifetimes)
    }

    /// The first state of a repository: version 1 of the four top-level roles.
    ///
    /// - Parameters:
    ///   - roles: the public keys of each role and their thresholds; the same key may have several
    ///     roles
    ///   - targets: the top-level targets (`keys/license.json`, `vendor.json`, …)
    ///   - lifetimes: how long what is signed is valid
    ///   - keys: the private keys: at least a threshold for each role
    ///   - now: the present time
    /// - Returns: the state and its files
    /// - Throws: `trust.signing-key`, `trust.malformed`.
    package static func first(
        roles: TopLevelKeys, targets: [TargetDescription],
        lifetimes: RoleLifetimes = RoleLifetimes(),
        keys: SigningKeys, now: Date
    ) throws(TrustError) -> Publication {
        let root = roles.root(version: 1, expires: lifetimes.expiry(.root, now))
        let listed = Targets(
            version: 1, expires: lifetimes.expiry(.targets, now),
            targets: Dictionary(targets.map { ($0.path, $0) }, uniquingKeysWith: { $1 }))
        let targetsBytes = try keys.sign(
            listed, role: "targets", by: [root.roleKeys(for: .targets)])
        let snapshot = Snapshot(
            version: 1, expires: lifetimes.expiry(.snapshot, now),
            files: ["targets.json": FileDescription(version: 1, of: targetsBytes)])
        let snapshotBytes = try keys.sign(
            snapshot, role: "snapshot", by: [root.roleKeys(for: .snapshot)])
        let timestamp = Timestamp(
            version: 1, expires: lifetimes.expiry(.timestamp, now),
            snapshot: FileDescription(version: 1, of: snapshotBytes))
        let timestampBytes = try keys.sign(
            timestamp, role: "timestamp", by: [root.roleKeys(for: .timestamp)])
        let rootBytes = try keys.sign(root, role: "root", by: [root.roleKeys(for: .root)])
        return Publication(
            repository: SignedRepository(
                root: root, targets: listed, snapshot: snapshot, timestamp: timestamp,
                lifetimes: lifetimes),
            files: [
                MetadataFile(name: "1.root.json", bytes: rootBytes),
                MetadataFile(name: "root.json", bytes: rootBytes),
                MetadataFile(name: "1.targets.json", bytes: targetsBytes),
                MetadataFile(name: "1.snapshot.json", bytes: snapshotBytes),
                MetadataFile(name: "timestamp.json", bytes: timestampBytes),
            ])
    }
}

/// The next state of a repository and what makes it public.
package struct Publication: Sendable {
    package let repository: SignedRepository
    /// In the order in which they must be written, each atomically.
    package let files: [MetadataFile]
}

/// A metadata file to write.
package struct MetadataFile: Sendable, Hashable {
    /// As it is asked for: `3.plugin-acme_2faudit-log.json`, already fit for a URL and a file system.
    package let name: String
    package let bytes: [UInt8]
}

/// For how long signed metadata is valid, in seconds.
package struct RoleLifetimes: Sendable, Hashable {
    package var root: TimeInterval = 365 * 86_400
    package var targets: TimeInterval = 365 * 86_400
    package var snapshot: TimeInterval = 30 * 86_400
    package var timestamp: TimeInterval = 86_400

    package init() {}

    func expiry(_ role: TopLevelRole, _ now: Date) -> Date {
        let seconds =
            switch role {
            case .root: root
            case .targets: targets
            case .snapshot: snapshot
            case .timestamp: timestamp
            }
        return Date(timeIntervalSince1970: (now.timeIntervalSince1970 + seconds).rounded(.down))
    }
}

/// What a root lists: the public keys of the four top-level roles, each with its threshold, and
/// those of license tokens.
package struct TopLevelKeys: Sendable {
    private var keys: [String: Key] = [:]
    private var roles: [TopLevelRole: RoleKeys] = [:]
    /// The keys that license tokens are signed with, a JWK set; nil: the root says none.
    package var licenseKeys: JSONValue?

    /// No keys yet: say those of all four roles.
    package init() {}

    /// Says the keys of a role.
    ///
    /// - Throws: `trust.signing-key` for keys that are not Ed25519, and when there are fewer than the
    ///   threshold: nobody could ever sign.
    package mutating func set(
        _ role: TopLevelRole, _ publicKeys: [PublicKey], threshold: Int = 1
    ) throws(TrustError) {
        let listed = publicKeys.compactMap(Key.init)
        guard listed.count == publicKeys.count, threshold >= 1,
            Set(listed.map(\.keyID)).count >= threshold
        else { throw .signingKeys(role.rawValue, have: listed.count, threshold: threshold) }
        for key in listed { keys[key.keyID] = key }
        roles[role] = RoleKeys(keyIDs: listed.map(\.keyID), threshold: threshold)
    }

    /// The keys that a root lists now, to change some of them.
    package init(of root: Root) {
        keys = root.keys
        for role in TopLevelRole.allCases { roles[role] = root.roleKeys(for: role) }
        licenseKeys = root.licenseKeys
    }

    /// Puts another key in the place of one of a role's; the threshold stays.
    ///
    /// - Throws: `trust.signing-key` for a key that is not Ed25519, or when the role has no such key
    ///   to replace.
    package mutating func replace(
        _ keyID: String, of role: TopLevelRole, with publicKey: PublicKey
    ) throws(TrustError) {
        guard let listed = roles[role], listed.keyIDs.contains(keyID), let next = Key(publicKey)
        else {
            throw TrustError(
                .trustSigningKey, "The root lists no key \(keyID) for the role \(role.rawValue).")
        }
        keys[next.keyID] = next
        roles[role] = RoleKeys(
            keyIDs: listed.keyIDs.map { $0 == keyID ? next.keyID : $0 },
            threshold: listed.threshold)
    }

    func root(version: Int64, expires: Date) -> Root {
        let used = Set(roles.values.flatMap(\.keyIDs))
        return Root(
            version: version, expires: expires, keys: keys.filter { used.contains($0.key) },
            roles: roles, licenseKeys: licenseKeys)
    }
}
