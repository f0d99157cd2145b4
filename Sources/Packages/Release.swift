import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials

/// One version of a plugin as the signed metadata describes it.
package struct Release: Hashable, Sendable {
    package let name: PackageName
    package let version: SemanticVersion
    /// In whole seconds: what the metadata carries.
    package let published: Date
    /// `latest`, `next`, `alpha`, …: the line that the release was published on, npm's dist-tag.
    package let channel: String
    /// The application versions that the release is made for; nil when it declares none.
    package let applicationRange: VersionRange?
    /// Bytes of the tarball.
    package let length: Int64
    package let sha512: Digest
    /// Bytes of all files.
    package let unpackedSize: Int64
    package let fileCount: Int
    /// Why nobody should start to use it, or nil.
    package let deprecated: String?
    /// Why the vendor withdrew it, or nil.
    package let yanked: String?
    /// npm's dist-tags that somebody pointed at it, besides that of its channel.
    package var tags: Set<String>
    package let signatures: [RegistrySignature]

    package static let latestChannel = "latest"

    /// - Throws: ``PackageError`` `registry.release-invalid`: a digest that is not SHA-512, a
    ///   negative size, an empty channel.
    package init(
        name: PackageName, version: SemanticVersion, published: Date,
        channel: String = latestChannel, applicationRange: VersionRange?, length: Int64,
        sha512: Digest, unpackedSize: Int64, fileCount: Int, deprecated: String? = nil,
        yanked: String? = nil, tags: Set<String> = [], signatures: [RegistrySignature] = []
    ) throws(PackageError) {
        guard sha512.algorithm == .sha512, length >= 0, unpackedSize >= 0, fileCount >= 0,
            !channel.isEmpty
        else {
            throw PackageError(
                .registryReleaseInvalid,
                "\(name)@\(version) has no SHA-512, a negative size, or no channel.")
        }
        self.name = name
        self.version = version
        self.published = published.wholeSeconds
        self.channel = channel
        self.applicationRange = applicationRange
        self.length = length
        self.sha512 = sha512
        self.unpackedSize = unpackedSize
        self.fileCount = fileCount
        self.deprecated = deprecated
        self.yanked = yanked
        self.tags = tags
        self.signatures = signatures
    }

    /// `@acme/x/-/x-1.0.0.tgz`, as in npm's tarball addresses.
    package var targetPath: String {
        Self.targetPath(name: name, version: version)
    }

    package static func targetPath(name: PackageName, version: SemanticVersion) -> String {
        "\(name)/-/\(name.bare)-\(version).tgz"
    }

    /// Whether the release says that it is made for this application version.
    ///
    /// Pre-releases of the application are ordered like every other version (`includePrerelease`):
    /// `^2.0.0` admits `2.1.0-beta.3`, and does not admit `3.0.0-alpha.1`.
    package func declaresSupport(for application: ApplicationVersion) -> Bool {
        applicationRange?.contains(application.version, includingPrereleases: true) ?? false
    }
}
