package import FoundationEssentials

// What is trusted, and how it may change. The states, in the order of section 5:
//
//     root N ──updateRoot──► root N+1 … ──checkRootExpiry──►
//     (loadStoredTimestamp) ──updateTimestamp──► timestamp ──checkTimestampExpiry──►
//                           ──stand(on: statement)──► where no timestamp can be had
//     (loadStoredSnapshot) ──updateSnapshot──► snapshot ──►
//     updateTargets(delegated by root) ──► updateTargets(delegated by targets) ──► …
//
// What was stored by an earlier run goes the same way as what comes from the network: it is verified
// again. It may be expired or superseded; then it only guards against a rollback.

/// The metadata that is trusted at one moment of an update: no input or output, no clock.
package struct TrustedMetadata: Sendable {
    /// The fixed update start time (section 5.1), which every expiry is compared with.
    package let now: Date
    package private(set) var root: Root
    package private(set) var timestamp: Timestamp?
    /// What stands for the timestamp where none can be had.
    private var statement: SnapshotStatement?
    package private(set) var snapshot: Snapshot?
    /// A snapshot of an earlier run that is not the current one: the new one may not fall behind it.
    private var formerSnapshot: Snapshot?
    private var targets: [Delegation: Targets] = [:]

    /// Who says what: the same role may be delegated to by two others with different keys.
    struct Delegation: Hashable, Sendable {
        let role: String
        let delegator: String

        static let topLevel = Delegation(
            role: TopLevelRole.targets.rawValue, delegator: TopLevelRole.root.rawValue)
    }

    /// Section 5.2: begins with a root that is trusted for where it comes from.
    ///
    /// - Throws: `trust.malformed`, `trust.unsigned`, `trust.threshold`. Expiry does not matter yet.
    package init(trustedRoot bytes: [UInt8], now: Date) throws(TrustError) {
        self.now = now
        root = try UnverifiedMetadata(bytes, role: "root").verifiedByItself()
    }

    /// Sections 5.3.4, 5.3.5 and 5.3.7: takes the next root.
    ///
    /// - Returns: whether timestamp or snapshot keys were rotated (section 5.3.11)
    @discardableResult
    package mutating func updateRoot(_ bytes: [UInt8]) throws(TrustError) -> Bool {
        let file = try UnverifiedMetadata(bytes, role: "root")
        let next = try file.verified(as: Root.self, by: root.verifier(for: .root))
        _ = try file.verifiedByItself()
        guard next.version == root.version + 1 else {
            throw .rollback(
                "\(root.version + 1).root.json", version: next.version, trusted: root.version)
        }
        let rotates = next.rotates(.timestamp, of: root) || next.rotates(.snapshot, of: root)
        root = next
        // What the former root vouched for must be verified again.
        timestamp = nil
        statement = nil
        formerSnapshot = nil
        take(nil)
        return rotates
    }

    /// Section 5.3.10.
    package func checkRootExpiry() throws(TrustError) {
        try checkExpiry(of: root, role: "root")
    }

    /// Takes the timestamp of an earlier run: signed, and perhaps expired.
    package mutating func loadStoredTimestamp(_ bytes: [UInt8]) throws(TrustError) {
        timestamp = try verifiedTimestamp(bytes)
    }

    /// Sections 5.4.2 to 5.4.4: takes a new timestamp.
    ///
    /// - Returns: false when it has the version that is trusted already, and was discarded
    package mutating func updateTimestamp(_ bytes: [UInt8]) throws(TrustError) -> Bool {
        let next = try verifiedTimestamp(bytes)
        if let trusted = timestamp {
            guard next.version >= trusted.version else {
                throw .rollback("timestamp.json", version: next.version, trusted: trusted.version)
            }
            if next.version == trusted.version { return false }
            guard next.snapshot.version >= trusted.snapshot.version else {
                throw .rollback(
                    "snapshot.json", version: next.snapshot.version,
                    trusted: trusted.snapshot.version)
            }
        }
        try checkExpiry(of: next, role: "timestamp")
        timestamp = next
        return true
    }

    /// Section 5.4.4 for a timestamp that stayed the same.
    package func checkTimestampExpiry() throws(TrustError) {
        try checkExpiry(of: requireTimestamp(), role: "timestamp")
    }

    /// Takes a statement in place of a timestamp (sections 5.4.2 to 5.4.4): whoever calls this has
    /// verified it.
    package mutating func stand(on next: SnapshotStatement) throws(TrustError) {
        if let trusted = timestamp?.snapshot, next.snapshot.version < trusted.version {
            throw .rollback(
                "snapshot.json", version: next.snapshot.version, trusted: trusted.version)
        }
        statement = next
    }

    /// What says which snapshot is current.
    var currentSnapshot: FileDescription {
        get throws(TrustError) {
            if let statement { return statement.snapshot }
            return try requireTimestamp().snapshot
        }
    }

    /// The time that the snapshot's expiry is compared with.
    private var snapshotTime: Date { statement?.created ?? now }

    /// Takes the snapshot of an earlier run.
    ///
    /// - Returns: whether it is the current one, so that none need be fetched
    package mutating func loadStoredSnapshot(_ bytes: [UInt8]) throws(TrustError) -> Bool {
        let description = try currentSnapshot
        let stored = try UnverifiedMetadata(bytes, role: "snapshot")
            .verified(as: Snapshot.self, by: root.verifier(for: .snapshot))
        formerSnapshot = stored
        guard stored.version == description.version, !stored.isExpired(at: snapshotTime),
            (try? description.check(bytes, file: "snapshot.json")) != nil
        else { return false }
        take(stored)
        return true
    }

    /// Sections 5.5.2 to 5.5.6: takes a new snapshot.
    package mutating func updateSnapshot(_ bytes: [UInt8]) throws(TrustError) {
        let description = try currentSnapshot
        try description.check(bytes, file: "snapshot.json")
        let next = try UnverifiedMetadata(bytes, role: "snapshot")
            .verified(as: Snapshot.self, by: root.verifier(for: .snapshot))
        guard next.version == description.version else {
            throw .mixed("snapshot", version: next.version, expected: description.version)
        }
        if statement != nil, let former = formerSnapshot, next.version < former.version {
            // A timestamp guards this by its own version, which a statement does not have.
            throw .rollback("snapshot.json", version: next.version, trusted: former.version)
        }
        for (file, former) in formerSnapshot?.files ?? [:] {
            guard let current = next.files[file] else { throw .dropped(file) }
            guard current.version >= former.version else {
                throw .rollback(file, version: current.version, trusted: former.version)
            }
        }
        try checkExpiry(of: next, role: "snapshot", at: snapshotTime)
        take(next)
    }

    /// Another snapshot names other versions of all targets files.
    private mutating func take(_ next: Snapshot?) {
        if snapshot != next { targets = [:] }
        snapshot = next
    }

    /// What the trusted snapshot says of a targets role.
    ///
    /// - Throws: `trust.mix-and-match` when it does not list the role.
    package func description(ofTargetsRole role: String) throws(TrustError) -> FileDescription {
        guard let snapshot else { throw .missing("snapshot.json") }
        guard let description = snapshot.description(of: role) else { throw .notListed(role) }
        return description
    }

    /// Sections 5.6.2 to 5.6.5: takes the metadata of the top-level or a delegated targets role.
    @discardableResult
    mutating func updateTargets(
        _ bytes: [UInt8], for delegation: Delegation
    ) throws(TrustError) -> Targets {
        try take(check(bytes, for: delegation))
    }

    /// The metadata of a targets role that this snapshot and these keys vouch for.
    struct CheckedTargets: Sendable {
        fileprivate let delegation: Delegation
        fileprivate let targets: Targets
        fileprivate let snapshot: Snapshot?
        fileprivate let rootVersion: Int64
    }

    /// Sections 5.6.2 to 5.6.5 without taking it: what costs time, for who does it for many at once.
    func check(_ bytes: [UInt8], for delegation: Delegation) throws(TrustError) -> CheckedTargets {
        let role = delegation.role
        let description = try description(ofTargetsRole: role)
        try description.check(bytes, file: "\(role).json")
        let next = try UnverifiedMetadata(bytes, role: role)
            .verified(as: Targets.self, by: verifier(for: delegation))
        guard next.version == description.version else {
            throw .mixed(role, version: next.version, expected: description.version)
        }
        try checkExpiry(of: next, role: role)
        return CheckedTargets(
            delegation: delegation, targets: next, snapshot: snapshot, rootVersion: root.version)
    }

    /// Takes what was checked.
    ///
    /// - Throws: `trust.mix-and-match` when another delegator's file of that version differs, or root
    ///   or snapshot are others by now.
    mutating func take(_ checked: CheckedTargets) throws(TrustError) -> Targets {
        let (role, next) = (checked.delegation.role, checked.targets)
        let description = try description(ofTargetsRole: role)
        guard checked.snapshot == snapshot, checked.rootVersion == root.version else {
            throw .mixed(role, version: next.version, expected: description.version)
        }
        // Two delegators may name different keys; then each could show its own file of one version,
        // and what hangs below would be believed on the word of the wrong one.
        for (trusted, metadata) in targets where trusted.role == role && metadata != next {
            throw .differs(role, version: next.version)
        }
        targets[checked.delegation] = next
        return next
    }

    /// The trusted metadata of a targets role as that delegator sees it, or nil.
    func targets(for delegation: Delegation) -> Targets? { targets[delegation] }

    private func verifier(for delegation: Delegation) throws(TrustError) -> RoleVerifier {
        if delegation == .topLevel { return root.verifier(for: .targets) }
        for (trusted, metadata) in targets where trusted.role == delegation.delegator {
            if let verifier = metadata.delegations?.verifier(for: delegation.role) {
                return verifier
            }
        }
        throw .malformed(delegation.role, "\"\(delegation.delegator)\" does not delegate to it")
    }

    private func verifiedTimestamp(_ bytes: [UInt8]) throws(TrustError) -> Timestamp {
        try UnverifiedMetadata(bytes, role: "timestamp")
            .verified(as: Timestamp.self, by: root.verifier(for: .timestamp))
    }

    private func requireTimestamp() throws(TrustError) -> Timestamp {
        guard let timestamp else { throw .missing("timestamp.json") }
        return timestamp
    }

    private func checkExpiry(
        of metadata: some RoleMetadata, role: String, at time: Date? = nil
    ) throws(TrustError) {
        guard !metadata.isExpired(at: time ?? now) else {
            throw .expired(role, at: metadata.expires, now: time ?? now)
        }
    }
}
