import Bundle
package import Cryptography
import Diagnostics
package import FoundationEssentials
import Licensing
import Packages
import SignedMetadata
import Storage

extension Vendor {
    /// A key of the gateway without its private half.
    package struct NamedPublicKey: Sendable {
        /// What stands of it where.
        package enum State: Sendable, Hashable {
            /// It signs.
            case signing
            /// The root lists it; its private half is elsewhere.
            case elsewhere
            /// It takes the place of another: `tollgate keys rotate` ends that.
            case next
            /// It signs no more; what it signed counts.
            case listed
            /// The same for releases from before the moment.
            case listedUntil(Date)
            /// Neither does it sign nor does what it signed count.
            case retired
        }

        package let key: KeyName
        /// What signatures name it by: its key ID in the metadata, in license tokens, in npm's
        /// registry signatures, in NocoDB's tokens.
        package let keyID: String
        package let publicKey: PublicKey
        package let state: State
    }

    /// The public halves of all keys: those at hand, those that are listed and those of before.
    ///
    /// - Throws: ``StorageError``, ``CryptographyError``, ``LicenseError``, ``PackageError``.
    package func publicKeys() async throws -> [NamedPublicKey] {
        let nocoDB = try await nocoDBKey().publicKey
        let registry = try await registryKeys()
        let bundle = try await keyTurns.take {
            try await onBlockingThread { try BundleKey.loaded(orMadeIn: folder.keys).publicKey }
        }
        let bundles = try await bundleKeys()
        return try await onBlockingThread {
            let root = try signedRepository().root
            let keys = try keyRing.reloaded().keys
            let begun = try KeyRotation(unfinishedIn: folder.keys)
            return try KeyName.allCases.flatMap { name in
                var listed = KeyListing(name)
                switch name {
                case .root: try listed.add([keys.root?.publicKey].compactMap(\.self), .signing)
                case .targets:
                    try listed.add([keys.targets?.publicKey].compactMap(\.self), .signing)
                case .snapshot: try listed.add([keys.snapshot.publicKey], .signing)
                case .timestamp: try listed.add([keys.timestamp.publicKey], .signing)
                case .license: try listed.add([keys.license.publicKey], .signing)
                case .registry: try listed.add([keys.registry.publicKey], .signing)
                case .nocodb: try listed.add([nocoDB], .signing)
                case .bundle: try listed.add([bundle], .signing)
                }
                if let begun, begun.key == name,
                    let next = try begun.file(in: folder.keys).next.key()
                {
                    try listed.add([next.publicKey], .next)
                }
                if let role = name.role {
                    let keyIDs = root.roleKeys(for: role).keyIDs
                    try listed.add(
                        keyIDs.compactMap { root.keys[$0]?.publicKey }, .elsewhere)
                }
                if name == .license {
                    let set = try keys.licenseKeySet()
                    try listed.add(set.keyIDs.compactMap { set[$0] }, .listed)
                }
                if name == .bundle { try listed.add(bundles.publicKeys, .listed) }
                if name == .registry {
                    for entry in registry.entries {
                        try listed.add(
                            [entry.key], entry.expires.map { .listedUntil($0) } ?? .listed)
                    }
                }
                try listed.add(RetiredKeys(folder.keys).keys(name), .retired)
                return listed.keys
            }
        }
    }
}

/// The keys of one name, each once, with the state that it was added with first.
private struct KeyListing {
    private let name: KeyName
    private(set) var keys: [Vendor.NamedPublicKey] = []

    init(_ name: KeyName) {
        self.name = name
    }

    mutating func add(
        _ publicKeys: [PublicKey], _ state: Vendor.NamedPublicKey.State
    ) throws(LicenseError) {
        for publicKey in publicKeys where !keys.contains(where: { $0.publicKey == publicKey }) {
            keys.append(
                Vendor.NamedPublicKey(
                    key: name, keyID: try name.keyID(of: publicKey), publicKey: publicKey,
                    state: state))
        }
    }
}
