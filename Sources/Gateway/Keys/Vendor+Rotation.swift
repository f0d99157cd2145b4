import Bundle
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import SignedMetadata
package import Storage
package import SystemPackage

/// How a key is replaced while installations run, and while the gateway does:
///
/// 1. the new key is made, and a journal says what it is for (``KeyRotation``);
/// 2. what lists keys is signed, so that clients of every age find both: the root by the old and the
///    new root key, files by the old and the new key of their role, the list of license keys with
///    both in it;
/// 3. the new key takes the old one's place, and with that the gateway signs with it;
/// 4. what is left of the old key is what the rotation says: its public half in `keys/retired/`.
///
/// A program that is stopped in between leaves the journal, and the next that signs goes on.
extension Vendor {
    /// Replaces a key, or ends the rotation of the same key that was stopped.
    ///
    /// - Parameters:
    ///   - request: which, and how
    ///   - actor: who does it
    /// - Returns: what was replaced, and what it still waits for; ``endRotation(rootKey:)`` goes on
    /// - Throws: ``TrustError`` `trust.signing-key` when a key that has to sign is not at hand,
    ///   ``StorageError``.
    package func rotateKey(
        _ request: KeyRotationRequest, by actor: Actor
    ) async throws -> (rotation: KeyRotation, hindrance: KeyRotation.Hindrance?) {
        try await whileAloneSigning {
            let rootKey = KeyFile(request.rootKey ?? KeyFile(of: .root, in: folder.keys).path)
            if let begun = try await unfinishedRotation() {
                let hindrance = try await goOn(with: begun, rootKey: rootKey)
                if begun.key == request.key, begun.revokesOld || !request.revokesOld {
                    return (begun, hindrance)
                }
                if let hindrance { throw unfinished(begun, hindrance) }
            }
            try await settleKeysWithoutJournal()
            let begun = try await onBlockingThread { try begin(request, rootKey, by: actor) }
            return (begun, try await goOn(with: begun, rootKey: rootKey))
        }
    }

    /// Goes on with the rotation that was stopped or that waits, if there is one.
    ///
    /// - Parameter rootKey: the root's private key, when it is not among the others
    /// - Returns: what it still waits for; nil: nothing, or there is none
    /// - Throws: ``TrustError``, ``StorageError``.
    @discardableResult
    package func endRotation(rootKey: FilePath? = nil) async throws -> KeyRotation.Hindrance? {
        try await whileAloneSigning {
            try await goOnWithRotation(KeyFile(rootKey ?? KeyFile(of: .root, in: folder.keys).path))
        }
    }

    /// Runs a body that signs metadata while nobody else does, here or in another program.
    ///
    /// - Parameters:
    ///   - begin: called when it is the body's turn in this program
    ///   - body: signs; nothing that asks for another turn
    /// - Returns: what the body returns
    /// - Throws: ``StorageError`` when the lock cannot be taken; what the body throws.
    func whileAloneSigning<Value>(
        beginning begin: () -> Void = {}, _ body: () async throws -> Value
    ) async throws -> Value {
        try await signingTurns.take {
            begin()
            let lock = try await onBlockingThread { try FileLock(waitingFor: folder.metadataLock) }
            defer { lock.release() }
            return try await body()
        }
    }

    /// The same for who holds the lock.
    func goOnWithRotation(_ rootKey: KeyFile) async throws -> KeyRotation.Hindrance? {
        if let begun = try await unfinishedRotation() {
            return try await goOn(with: begun, rootKey: rootKey)
        }
        try await settleKeysWithoutJournal()
        return nil
    }

    private func unfinishedRotation() async throws -> KeyRotation? {
        try await onBlockingThread { try KeyRotation(unfinishedIn: folder.keys) }
    }

    /// A key that was made when its rotation was stopped has signed nothing and goes; one that is
    /// listed has lost its journal by somebody's hand, and takes its place.
    private func settleKeysWithoutJournal() async throws {
        let waiting = try await onBlockingThread {
            try KeyName.allCases.compactMap { name in
                try KeyFile(of: name, in: folder.keys).next.key().map { (name, $0.publicKey) }
            }
        }
        guard !waiting.isEmpty else { return }
        let root = try await onBlockingThread { try signedRepository().root }
        let listedFiles: [KeyName: [String]] = [
            .registry: try await registryKeys().entries.map(\.keyID),
            .bundle: try await bundleKeys().publicKeys.map { try KeyName.bundle.keyID(of: $0) },
        ]
        for (name, publicKey) in waiting {
            let keyID = try name.keyID(of: publicKey)
            let listed = name.role.map { root.roleKeys(for: $0).keyIDs } ?? listedFiles[name] ?? []
            let isListed = listed.contains(keyID)
            let file = KeyFile(of: name, in: folder.keys)
            try await onBlockingThread {
                if isListed { try file.takeNext() } else { try removeFile(file.next.path) }
            }
        }
    }

    /// Looks whether the rotation can come to its end, then begins it.
    private func begin(
        _ request: KeyRotationRequest, _ rootKey: KeyFile, by actor: Actor
    ) throws -> KeyRotation {
        let file = request.key == .root ? rootKey : KeyFile(of: request.key, in: folder.keys)
        if request.key == .nocodb { _ = try NocoDBKey.loaded(orMadeIn: folder.keys) }
        if request.key == .bundle { _ = try BundleKey.loaded(orMadeIn: folder.keys) }
        guard let old = try file.key() else {
            throw TrustError(
                .trustSigningKey, "The key \(request.key.rawValue) is not in \(file.path).",
                remedy: request.key == .root
                    ? "Say by --root-key where root.pem was moved."
                    : "Replace a key that is elsewhere with `tollgate keys export-unsigned --keys`."
            )
        }
        if request.key.role != nil || request.key == .license {
            let root = try signedRepository().root
            if let role = request.key.role {
                var roles = TopLevelKeys(of: root)
                try roles.replace(
                    request.key.keyID(of: old.publicKey), of: role, with: old.publicKey)
            }
            if !request.awaitsRoot { try requireRootKey(rootKey, root) }
        }
        return try KeyRotation(
            beginning: request, old: old, in: folder.keys, by: actor, at: now())
    }

    /// - Throws: `trust.signing-key` unless the root can be signed with that key.
    private func requireRootKey(_ rootKey: KeyFile, _ root: Root) throws {
        guard try !signingKeys(with: rootKey).canSign(for: root.roleKeys(for: .root)) else {
            return
        }
        let listed = root.roleKeys(for: .root)
        let found = try rootKey.key() != nil
        throw TrustError(
            .trustSigningKey,
            found
                ? """
                \(rootKey.path) is not enough to sign the root: version \(root.version) takes \
                \(listed.threshold) of its \(listed.keyIDs.count) root keys.
                """
                : "The root has to be signed, and its private key is not in \(rootKey.path).",
            remedy: """
                Say by --root-key where root.pem was moved, or have the root signed where its keys are: \
                --await-root.
                """)
    }

    /// The private keys that are at hand, the root's too.
    func signingKeys(with rootKey: KeyFile) throws -> SigningKeys {
        try keyRing.reloaded().keys.signing
            .adding([rootKey.key(), rootKey.next.key()].compactMap(\.self))
    }

    private func unfinished(
        _ rotation: KeyRotation, _ hindrance: KeyRotation.Hindrance
    ) -> TrustError {
        let why =
            switch hindrance {
            case .rootKey: "the root's private key is not at hand"
            case .unsignedList: "the new list of license keys is not signed yet"
            case .caches: "caches may still have the list from before"
            }
        return TrustError(
            .trustSigningKey,
            """
            The key \(rotation.key.rawValue) is being replaced since \
            \(rotation.began.wireText), which has to end first: \(why).
            """,
            remedy: """
                Run `tollgate keys rotate \(rotation.key.rawValue)` again\
                \(hindrance == .rootKey ? " with --root-key" : ""), then this.
                """)
    }
}
