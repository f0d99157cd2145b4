import Cryptography
package import FoundationEssentials

/// One change of what a repository describes.
package enum RepositoryChange: Sendable, Hashable {
    /// Adds or replaces a target of the top-level role: `keys/license.json`, `vendor.json`.
    case setTarget(TargetDescription)
    case removeTarget(path: String)
    /// Adds or replaces a release's target in the role of its plugin, which is made when it is new.
    case setRelease(plugin: String, TargetDescription)
    case removeRelease(plugin: String, path: String)
}

/// The delegated role of a plugin.
package enum PluginRole {
    /// The role's name: `@acme/audit-log` is `plugin-acme_2faudit-log`.
    ///
    /// Different plugins have different names, and the name fits a URL and every file system: what
    /// is not a small letter, digit, `-` or `.` is written as `_` and two hexadecimal digits.
    package static func name(of plugin: String) -> String {
        let scoped =
            plugin.hasPrefix("@") && plugin.contains("/") ? plugin.dropFirst() : plugin[...]
        var name = "plugin-"
        for byte in scoped.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default: name += "_\(Hex.encode([byte]))"
            }
        }
        return name
    }

    /// Whether a delegation is one of ours: to a plugin's role, for that plugin's paths.
    static func isOrdered(_ role: DelegatedRole) -> Bool {
        guard case .patterns(let patterns) = role.paths, patterns.count == 1,
            let pattern = patterns.first?.text, pattern.hasSuffix("/-/*")
        else { return false }
        let plugin = String(pattern.dropLast(4))
        return role.isTerminating && role.name == name(of: plugin)
            && (try? paths(of: plugin)) == role.paths
    }

    /// The paths that the role is trusted with: the plugin's own tarballs.
    ///
    /// - Throws: `trust.malformed` for a name in which the shell sees a pattern.
    static func paths(of plugin: String) throws(TrustError) -> DelegatedPaths {
        guard !plugin.contains(where: { "*?[]\\".contains($0) }) else {
            throw .malformed(name(of: plugin), "\"\(plugin)\" has characters that patterns use")
        }
        return .patterns([PathPattern("\(plugin)/-/*")])
    }
}

extension SignedRepository {
    /// Signs changes: the roles that they touch, the top-level targets when a plugin is new, a
    /// snapshot and a timestamp.
    ///
    /// - Parameters:
    ///   - changes: later ones win
    ///   - keys: the private keys of targets (delegated roles have the same), snapshot, timestamp
    ///   - now: the present time
    ///   - read: the bytes of a file by its name, asked for the touched plugins' present metadata
    /// - Returns: the next state and its files
    /// - Throws: ``TrustError``; what `read` throws.
    package func publishing(
        _ changes: [RepositoryChange], keys: SigningKeys, now: Date,
        reading read: (String) throws -> [UInt8]?
    ) throws -> Publication {
        var draft = RepositoryDraft(of: self, keys: keys, now: now)
        try draft.apply(changes, reading: read)
        return try draft.publication()
    }

    /// Signs the timestamp anew, and nothing else: what the gateway does every hour.
    package func renewingTimestamp(keys: SigningKeys, now: Date) throws(TrustError) -> Publication {
        let next = Timestamp(
            version: timestamp.version + 1, expires: lifetimes.expiry(.timestamp, now),
            snapshot: timestamp.snapshot)
        let bytes = try keys.sign(
            next, role: "timestamp", by: [root.roleKeys(for: .timestamp)])
        return Publication(
            repository: SignedRepository(
                root: root, targets: targets, snapshot: snapshot, timestamp: next,
                lifetimes: lifetimes),
            files: [MetadataFile(name: "timestamp.json", bytes: bytes)])
    }

    /// Signs anew whatever of targets, snapshot and some plugins' roles expires before the deadline,
    /// and then a timestamp.
    ///
    /// The root is not among it: see ``rotatingRoot(to:keys:now:reading:)``.
    ///
    /// - Parameters:
    ///   - plugins: those whose roles may expire; their files are read
    ///   - deadline: what is valid longer stays
    ///   - keys: the private keys of targets, snapshot, timestamp
    ///   - now: the present time
    ///   - read: the bytes of a file by its name
    /// - Returns: nil when nothing expires so soon
    /// - Throws: ``TrustError``; what `read` throws.
    package func renewing(
        _ plugins: [String], expiringBefore deadline: Date, keys: SigningKeys, now: Date,
        reading read: (String) throws -> [UInt8]?
    ) throws -> Publication? {
        var draft = RepositoryDraft(of: self, keys: keys, now: now)
        var anything = snapshot.expires < deadline
        for role in plugins.map(PluginRole.name) {
            guard let metadata = try draft.metadata(of: role, reading: read),
                metadata.expires < deadline
            else { continue }
            try draft.sign(role, targets: metadata.targets)
            anything = true
        }
        if targets.expires < deadline {
            draft.topLevelChanged = true
            anything = true
        }
        guard anything else { return nil }
        try draft.signTopLevel(targets: targets.targets)
        return try draft.publication()
    }

    /// Signs the snapshot anew, and a timestamp, when it expires before the deadline: what is left to
    /// renew where the key of targets is elsewhere.
    ///
    /// - Returns: nil when it does not expire so soon
    /// - Throws: ``TrustError``.
    package func renewingSnapshot(
        expiringBefore deadline: Date, keys: SigningKeys, now: Date
    ) throws(TrustError) -> Publication? {
        guard snapshot.expires < deadline else { return nil }
        var draft = RepositoryDraft(of: self, keys: keys, now: now)
        return try draft.publication()
    }
}
