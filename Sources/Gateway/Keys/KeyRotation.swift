import CanonicalJSON
import Cryptography
package import Diagnostics
package import FoundationEssentials
package import Storage
package import SystemPackage

/// A rotation that was begun: one key takes the place of another.
///
/// It stands in `keys/rotation.json` from before the first thing is signed with the new key until
/// nothing is left to do, so that whoever signs next goes on with it; never back, since somebody may
/// have seen what was signed. Each step looks whether it is done already.
package struct KeyRotation: Sendable, Hashable {
    package let key: KeyName
    package let oldKeyID: String
    package let newKeyID: String
    /// Whether what the old key signed stops to count.
    package let revokesOld: Bool
    /// Whether the new license key signs without waiting for caches to forget the list before it.
    package let isAtOnce: Bool
    package let began: Date
    package let actor: Actor
    /// The file of a root key that was moved away; nil: it is among the others.
    let elsewhere: FilePath?

    /// What stands between a rotation and its end.
    package enum Hindrance: Sendable, Hashable {
        /// The root cannot be signed: too few of its keys are at hand.
        case rootKey
        /// The new list of license keys is not signed yet.
        case unsignedList
        /// Caches may still have the list before it, for so many seconds.
        case caches(TimeInterval)
    }

    private static func journal(in folder: FilePath) -> FilePath {
        folder.appending("rotation.json")
    }

    /// Makes the new key and remembers what is to be done with it.
    ///
    /// The key first: a journal without its key would be about nothing. A key without a journal has
    /// signed nothing, and the next rotation writes over it.
    ///
    /// - Throws: ``StorageError`` `disk.*`, ``CryptographyError`` `cryptography.failed`.
    init(
        beginning request: KeyRotationRequest, old: PrivateKey, in folder: FilePath,
        by actor: Actor, at now: Date
    ) throws {
        let next = try PrivateKey.generate(request.key.type)
        key = request.key
        oldKeyID = try request.key.keyID(of: old.publicKey)
        newKeyID = try request.key.keyID(of: next.publicKey)
        revokesOld = request.revokesOld
        isAtOnce = request.isAtOnce
        began = now.wholeSeconds
        self.actor = actor
        elsewhere = request.key == .root ? request.rootKey : nil
        try file(in: folder).next.save(next)
        try replaceFile(
            Self.journal(in: folder), with: json.prettyBytes, permissions: [.ownerReadWrite])
    }

    /// The rotation that was begun and has not ended; nil: there is none.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`, `disk.*`.
    init?(unfinishedIn folder: FilePath) throws(StorageError) {
        let path = Self.journal(in: folder)
        guard let bytes = try readFile(path, maximumLength: 1 << 16) else { return nil }
        do {
            try self.init(JSONReader(try parseJSON(bytes)))
        } catch {
            throw StorageError(
                .dataFolderUnusable, "\(path) is no rotation of a key.",
                remedy: """
                    Put back the file from a backup; without one, remove it and run \
                    `tollgate keys list`, which shows what the metadata lists.
                    """, cause: error)
        }
    }

    /// The key's file.
    func file(in folder: FilePath) -> KeyFile {
        elsewhere.map { KeyFile($0) } ?? KeyFile(of: key, in: folder)
    }

    /// Forgets it: nothing is left to do.
    ///
    /// - Throws: ``StorageError`` `disk.*`.
    func end(in folder: FilePath) throws(StorageError) {
        try removeFile(Self.journal(in: folder))
    }
}

extension KeyRotation {
    private var json: JSONValue {
        [
            "key": .string(key.rawValue), "old_key_id": .string(oldKeyID),
            "new_key_id": .string(newKeyID), "revoke_old": .bool(revokesOld),
            "at_once": .bool(isAtOnce), "began": .string(began.wireText),
            "actor": .string(actor.description),
            "elsewhere": elsewhere.map { .string($0.string) } ?? .null,
        ]
    }

    private init(_ reader: JSONReader) throws {
        let name = try reader["key"]
        guard let key = KeyName(rawValue: try name.string()) else {
            throw name.failure(.invalidValue)
        }
        self.key = key
        oldKeyID = try reader["old_key_id"].string()
        newKeyID = try reader["new_key_id"].string()
        revokesOld = try reader["revoke_old"].bool()
        isAtOnce = try reader["at_once"].bool()
        began = try reader["began"].wireDate()
        actor = Actor(try reader["actor"].string())
        elsewhere = try reader.optional("elsewhere").map { FilePath(try $0.string()) }
    }

    /// What the audit log keeps of it.
    var auditDetail: JSONValue {
        [
            "old_key_id": .string(oldKeyID), "new_key_id": .string(newKeyID),
            "revoke_old": .bool(revokesOld), "began": .string(began.wireText),
        ]
    }
}

/// Which key to replace, and how.
package struct KeyRotationRequest: Sendable {
    package let key: KeyName
    package let revokesOld: Bool
    package let isAtOnce: Bool
    /// Where the root's private key is, when it is not among the others; not relative.
    package let rootKey: FilePath?
    /// Whether the rotation waits for a root that is signed where its keys are.
    package let awaitsRoot: Bool

    /// - Throws: ``UsageError`` for a key whose old signatures cannot be revoked apart from it.
    package init(
        _ key: KeyName, revokesOld: Bool = false, isAtOnce: Bool = false,
        rootKey: FilePath? = nil, awaitsRoot: Bool = false
    ) throws(UsageError) {
        guard !revokesOld || key == .license || key == .registry else {
            throw UsageError(
                "--revoke-old is for license and registry, not for \(key.rawValue).",
                remedy: key == .nocodb
                    ? "Give NocoDB's clients the new public key alone."
                    : "Leave it out: a role's old key never counts once the root is out.")
        }
        self.key = key
        self.revokesOld = revokesOld
        self.isAtOnce = isAtOnce
        self.rootKey = rootKey
        self.awaitsRoot = awaitsRoot
    }
}
