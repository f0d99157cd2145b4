import Bundle
import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata
import Storage
import SystemPackage

/// For how long the list of license keys is public before a token is signed by a new one: caches may
/// answer with a timestamp that is 30 seconds old (``MetadataRoutes``).
private let listedBeforeUse: TimeInterval = 40

extension Vendor {
    /// Does what is left of a rotation.
    ///
    /// - Returns: what it waits for; nil: it has ended
    /// - Throws: ``TrustError``, ``StorageError``, ``PackageError``.
    func goOn(
        with rotation: KeyRotation, rootKey: KeyFile
    ) async throws -> KeyRotation.Hindrance? {
        let hindrance: KeyRotation.Hindrance? =
            switch rotation.key {
            case .root, .targets, .snapshot, .timestamp:
                try await onBlockingThread { try goOn(withRoleKey: rotation, rootKey) }
            case .license: try await goOn(withLicenseKey: rotation, rootKey)
            case .registry: try await goOn(withRegistryKey: rotation)
            case .bundle: try await goOn(withBundleKey: rotation)
            case .nocodb:
                try await onBlockingThread {
                    try takeNextKey(of: rotation)
                    return nil
                }
            }
        if let hindrance { return hindrance }
        try await records.audit.addOnce(
            "key.rotate", of: "key:\(rotation.key.rawValue)", by: rotation.actor,
            at: rotation.began, detail: rotation.auditDetail)
        try await onBlockingThread { try rotation.end(in: folder.keys) }
        return nil
    }

    /// A key of the metadata: the next root names the new one.
    private func goOn(
        withRoleKey rotation: KeyRotation, _ rootKey: KeyFile
    ) throws -> KeyRotation.Hindrance? {
        guard let role = rotation.key.role else { return nil }
        let repository = try signedRepository()
        let file = rotation.file(in: folder.keys)
        if !repository.root.roleKeys(for: role).keyIDs.contains(rotation.newKeyID) {
            let keys = try signingKeys(with: rootKey).adding(
                [file.key(), file.next.key()].compactMap(\.self))
            guard keys.canSign(for: repository.root.roleKeys(for: .root)),
                let next = try file.next.key()
            else { return .rootKey }
            var roles = TopLevelKeys(of: repository.root)
            try roles.replace(rotation.oldKeyID, of: role, with: next.publicKey)
            try write(
                repository.rotatingRoot(
                    to: roles, keys: keys, now: now(), reading: metadataFile
                ).files)
        }
        // A root key on a stick that was taken away: its file gets its name when it is back.
        guard try file.key() != nil else { return .rootKey }
        try takeNextKey(of: rotation)
        return nil
    }

    /// The license key: the list has both before the first token is signed by the new one, and the
    /// old one leaves it after the last that is signed by the old.
    private func goOn(
        withLicenseKey rotation: KeyRotation, _ rootKey: KeyFile
    ) async throws -> KeyRotation.Hindrance? {
        let file = rotation.file(in: folder.keys)
        if let next = try await onBlockingThread({ try file.next.key() }) {
            var both = try keyRing.reloaded().keys.licenseKeySet()
            try both.add(next.publicKey)
            if let hindrance = try await list(both, rootKey) { return hindrance }
            let signed = try await onBlockingThread { try signedRepository().timestamp.expires }
            let age = now().timeIntervalSince(signed) + RoleLifetimes().timestamp
            if !rotation.isAtOnce, age < listedBeforeUse { return .caches(listedBeforeUse - age) }
            try await onBlockingThread { try takeNextKey(of: rotation) }
        }
        guard rotation.revokesOld else { return nil }
        var one = LicenseKeySet()
        try one.add(try keyRing.reloaded().keys.license.publicKey)
        return try await list(one, rootKey)
    }

    /// Makes the license keys the ones that are believed: here, in `keys/license.json`, in the root.
    private func list(
        _ keys: LicenseKeySet, _ rootKey: KeyFile
    ) async throws -> KeyRotation.Hindrance? {
        let bytes = keys.jwks
        try await onBlockingThread {
            let path = VendorKeys.licenseKeyList(in: folder.keys)
            guard try readFile(path) != bytes else { return }
            try replaceFile(path, with: bytes, permissions: [.ownerReadWrite])
        }
        let file = try await onBlockingThread { try keep(bytes, as: SignedFileRecord.licenseKeys) }
        if try await records.signedFiles.digest(ofCurrentFile: file.path) != file.sha512 {
            try await records.signedFiles.put(file, at: now())
        }
        try await signMetadataAlone()
        return try await onBlockingThread {
            let repository = try signedRepository()
            guard repository.targets.targets[file.path]?.sha512 == file.sha512 else {
                return .unsignedList
            }
            let listed = try parseJSON(bytes)
            guard
                try repository.root.licenseKeys?.canonicalBytes() != listed.canonicalBytes()
            else { return nil }
            let keys = try signingKeys(with: rootKey)
            guard keys.canSign(for: repository.root.roleKeys(for: .root)) else { return .rootKey }
            var roles = TopLevelKeys(of: repository.root)
            roles.licenseKeys = listed
            try write(
                repository.rotatingRoot(
                    to: roles, keys: keys, now: now(), reading: metadataFile
                ).files)
            return nil
        }
    }

    /// The registry key: the list with its moment and the signatures of the releases after it are one
    /// change of the records, which the metadata then follows.
    private func goOn(
        withRegistryKey rotation: KeyRotation
    ) async throws -> KeyRotation.Hindrance? {
        let file = rotation.file(in: folder.keys)
        if let next = try await onBlockingThread({ try file.next.key() }) {
            var entries = [try RegistryKeys.Entry(next.publicKey)]
            if !rotation.revokesOld {
                entries += try await registryKeys().entries.filter {
                    $0.keyID != rotation.newKeyID
                }.map { try RegistryKeys.Entry($0.key, expires: $0.expires ?? rotation.began) }
            }
            let keys = RegistryKeys(entries)
            let list = try await onBlockingThread {
                try keep(keys.json.prettyBytes, as: SignedFileRecord.registryKeys)
            }
            let signer = RegistrySigner(key: next, listed: keys)
            try await records.releases.replaceSignatures(listing: list, at: now()) {
                try signer.signaturesToReplace(of: $0)
            }
            try await onBlockingThread { try takeNextKey(of: rotation) }
        }
        try await signMetadataAlone()
        return nil
    }

    /// The key of bundles: the list has both while either may sign, and the new one alone at the end.
    ///
    /// A bundle has the list of the day when it was made in it.
    private func goOn(
        withBundleKey rotation: KeyRotation
    ) async throws -> KeyRotation.Hindrance? {
        let file = rotation.file(in: folder.keys)
        if let next = try await onBlockingThread({ try file.next.key()?.publicKey }) {
            let both = try await bundleKeys().publicKeys + [next]
            guard try await list(BundleKeys(both)) else { return .unsignedList }
            try await onBlockingThread { try takeNextKey(of: rotation) }
        }
        let one = try await onBlockingThread { try BundleKey.loaded(orMadeIn: folder.keys) }
        return try await list(BundleKeys([one.publicKey])) ? nil : .unsignedList
    }

    /// The registry keys that are listed now.
    func registryKeys() async throws -> RegistryKeys {
        try RegistryKeys(json: parseJSON(await signedFile(SignedFileRecord.registryKeys)))
    }

    /// Keeps the bytes of a signed file.
    func keep(_ bytes: [UInt8], as path: String) throws -> SignedFileRecord {
        SignedFileRecord(
            path: path, sha512: try artifacts.keep(bytes), length: Int64(bytes.count))
    }

    /// Puts the new key in the old one's place, unless that was done.
    ///
    /// The old private key is gone then: nothing needs it any more, and what nobody has cannot leak.
    /// Its public half stays, for `tollgate keys list`.
    private func takeNextKey(of rotation: KeyRotation) throws {
        let file = rotation.file(in: folder.keys)
        guard try file.next.key() != nil else { return }
        if let old = try file.key() {
            try RetiredKeys(folder.keys).add(old.publicKey, rotation.key)
        }
        try file.takeNext()
    }
}
