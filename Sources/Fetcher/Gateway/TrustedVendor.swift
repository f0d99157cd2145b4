import Diagnostics
package import Licensing
package import Packages
import SignedMetadata

/// What the vendor's signed metadata says: who the vendor is, its keys, its releases.
package struct TrustedVendor: Sendable {
    static let profileFile = "vendor.json"
    static let registryKeysFile = "keys/registry.json"

    package let profile: VendorProfile
    package let licenseKeys: LicenseKeySet
    package let registryKeys: RegistryKeys
    let metadata: MetadataClient
    /// Whether some plugins' metadata may be missing: a bundle has what it was made for.
    let isPartial: Bool

    /// The releases of each of these plugins; what has to be fetched is fetched side by side.
    ///
    /// - Returns: no entry for a plugin of which a bundle has nothing
    /// - Throws: ``TrustError``, ``NetworkError``.
    func releases(of names: [PackageName]) async throws -> [PackageName: [Release]] {
        try await withThrowingTaskGroup(of: (PackageName, [Release]?).self) { group in
            for name in names {
                group.addTask { (name, try await releasesIfThere(of: name)) }
            }
            var all: [PackageName: [Release]] = [:]
            for try await (name, releases) in group { all[name] = releases }
            return all
        }
    }

    private func releasesIfThere(of name: PackageName) async throws -> [Release]? {
        do {
            return try await releases(of: name)
        } catch let error as TrustError where isPartial && error.code == .trustMissing {
            return nil
        }
    }

    /// The releases of a plugin, as its signed metadata lists them; none when it is not there.
    ///
    /// - Throws: ``TrustError``, ``NetworkError`` when the plugin's metadata has to be fetched.
    package func releases(of name: PackageName) async throws -> [Release] {
        try await metadata.targets(under: "\(name)/-/").map { target in
            guard let custom = target.custom, let sha512 = target.sha512 else {
                throw TrustError(
                    .trustMalformed, "The target \(target.path) does not describe a release.")
            }
            return try Release(
                targetPath: target.path, length: target.length, sha512: sha512, custom: custom)
        }
    }
}

extension Release {
    /// Where the tarball is, below the gateway's address.
    var location: String {
        let target = TargetDescription(path: targetPath, length: length, hashes: [sha512])
        return "targets/\(target.consistentPath)"
    }
}
