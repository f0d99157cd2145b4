import CanonicalJSON
import Cryptography
import Diagnostics
import Licensing
import SignedMetadata
import Storage
import SystemPackage

/// The private keys of a gateway: one file each in `keys/`, readable by their owner only.
struct VendorKeys: Sendable {
    /// nil once it was moved to where no network is.
    let root: PrivateKey?
    /// nil once it was moved to where no network is, with `signing: offline`.
    let targets: PrivateKey?
    let snapshot: PrivateKey
    let timestamp: PrivateKey
    let license: PrivateKey
    let registry: PrivateKey
    /// From it the secret of every installation is derived, so that the database holds none.
    let installations: Secret<[UInt8]>
    /// What a rotation that was stopped has written already: it may have signed with them.
    private(set) var next: [PrivateKey] = []
    /// The keys of license tokens from before the present one, as `license-keys.json` lists them.
    private(set) var listedLicenseKeys = LicenseKeySet()

    /// New keys.
    ///
    /// - Throws: ``CryptographyError`` `cryptography.failed`.
    static func generate() throws(CryptographyError) -> VendorKeys {
        VendorKeys(
            root: try .generate(.ed25519), targets: try .generate(.ed25519),
            snapshot: try .generate(.ed25519), timestamp: try .generate(.ed25519),
            license: try .generate(.ed25519), registry: try .generate(.ecdsaP256),
            installations: Secret(SecureRandom.bytes(32)))
    }

    /// The keys for the signed metadata that are at hand.
    var signing: SigningKeys {
        SigningKeys([root, targets, snapshot, timestamp].compactMap { $0 } + next)
    }

    /// The secret with which an installation signs its check-ins.
    func installationSecret(_ id: String) -> Secret<[UInt8]> {
        Secret(HMAC.sha256(key: installations, message: Array("installation:\(id)".utf8)))
    }
}

extension VendorKeys {
    /// Reads them from their folder.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`, ``CryptographyError`` `key.malformed`,
    ///   ``LicenseError`` `license.key-set`.
    init(loading folder: FilePath) throws {
        func needed<Value>(_ name: String, _ value: Value?) throws -> Value {
            guard let value else {
                throw StorageError(.dataFolderUnusable, "The key \(name) is not in \(folder).")
            }
            return value
        }
        func key(_ name: KeyName) throws -> PrivateKey? { try KeyFile(of: name, in: folder).key() }
        let derivation = try readFile(folder.appending("installations.secret"))
            .flatMap { Base64URL.decode(String(decoding: $0, as: UTF8.self)) }
        self.init(
            root: try key(.root), targets: try key(.targets),
            snapshot: try needed("snapshot", key(.snapshot)),
            timestamp: try needed("timestamp", key(.timestamp)),
            license: try needed("license", key(.license)),
            registry: try needed("registry", key(.registry)),
            installations: Secret(try needed("installations", derivation)))
        next = try [KeyName.root, .targets, .snapshot, .timestamp].compactMap {
            try KeyFile(of: $0, in: folder).next.key()
        }
        if let jwks = try readFile(Self.licenseKeyList(in: folder)) {
            listedLicenseKeys = try LicenseKeySet(jwks: jwks)
        }
    }

    /// Writes them into a folder that only its owner enters.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    func save(in folder: FilePath) throws(StorageError) {
        try makeFolder(folder, mode: 0o700)
        let named: [(KeyName, PrivateKey?)] = [
            (.root, root), (.targets, targets), (.snapshot, snapshot), (.timestamp, timestamp),
            (.license, license), (.registry, registry),
        ]
        for case (let name, let key?) in named { try KeyFile(of: name, in: folder).save(key) }
        try replaceFile(
            folder.appending("installations.secret"),
            with: Array(Base64URL.encode(installations.reveal()).utf8),
            permissions: [.ownerReadWrite])
    }
}

extension VendorKeys {
    /// Where the keys of license tokens are listed once there is more than one.
    static func licenseKeyList(in folder: FilePath) -> FilePath {
        folder.appending("license-keys.json")
    }

    /// The public halves that installations verify tokens with: the signed target
    /// `keys/license.json`.
    ///
    /// - Throws: ``LicenseError`` `license.key-set` when the key is no Ed25519 key.
    func licenseKeySet() throws(LicenseError) -> LicenseKeySet {
        var keys = listedLicenseKeys
        try keys.add(license.publicKey)
        return keys
    }

    /// The same as a member of the root, for machines that have the root and no network.
    ///
    /// - Throws: ``LicenseError`` as ``licenseKeySet()`` does, ``JSONError`` never.
    func licenseKeysInRoot() throws -> JSONValue {
        try parseJSON(licenseKeySet().jwks)
    }
}
