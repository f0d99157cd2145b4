internal import CanonicalJSON
import Diagnostics

/// Which package a tarball must be: what its package.json has to say.
package struct PackageIdentity: Sendable, Hashable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    /// The largest package.json that is read, in bytes.
    static let maximumManifestBytes: Int64 = 1 << 20

    /// Reads `name` and `version` out of a package.json.
    ///
    /// - Throws: `archive.package-json`.
    init(packageJSON bytes: [UInt8]) throws(TarballError) {
        // npm, too, reads past a byte order mark.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        do {
            let manifest = JSONReader(try parseJSON(bytes))
            name = try manifest["name"].string()
            version = try manifest["version"].string()
        } catch {
            throw TarballError(.archivePackageJSON, "package.json cannot be used.", cause: error)
        }
    }

    /// - Throws: `archive.wrong-package` when the other is not this one, byte by byte.
    func check(_ found: PackageIdentity) throws(TarballError) {
        guard found.name.utf8.elementsEqual(name.utf8),
            found.version.utf8.elementsEqual(version.utf8)
        else {
            throw TarballError(
                .archiveWrongPackage,
                """
                package.json says \(quoted(found.name)) version \(quoted(found.version)); \
                expected is \(quoted(name)) version \(quoted(version)).
                """)
        }
    }
}
