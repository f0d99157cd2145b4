package import Cryptography
package import FoundationEssentials
package import Packages
import SystemPackage

/// What the fetcher knows of an installed plugin: the release, and every file as it was written.
///
/// It lies outside the package (`.pkg/receipts/@acme/plugin-x.receipt`), so that no tarball can bring
/// one along.
package struct Receipt: Equatable, Sendable {
    package struct File: Equatable, Sendable {
        /// Below the plugin's folder, with `/`.
        package let path: String
        /// In bytes.
        package let size: Int64
        /// In nanoseconds since 1970, as the file system keeps it.
        package let modified: Int64
        package let sha512: Digest

        package init(path: String, size: Int64, modified: Int64, sha512: Digest) {
            self.path = path
            self.size = size
            self.modified = modified
            self.sha512 = sha512
        }
    }

    package let name: PackageName
    package let version: SemanticVersion
    /// The digest of the tarball that was verified and unpacked.
    package let tarball: Digest
    package let installed: Date
    package let files: [File]
    /// The version that an operator rolled back from; it is not installed again by itself.
    package var rolledBackFrom: SemanticVersion?

    package init(
        name: PackageName, version: SemanticVersion, tarball: Digest, installed: Date,
        files: [File], rolledBackFrom: SemanticVersion? = nil
    ) {
        self.name = name
        self.version = version
        self.tarball = tarball
        self.installed = installed
        self.files = files
        self.rolledBackFrom = rolledBackFrom
    }
}
