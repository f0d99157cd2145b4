import Cryptography
package import Packages
import SignedMetadata

/// What a bundle will hold, while it is gathered: small files with their bytes, tarballs by what the
/// signed metadata says of them.
package struct BundleDraft: Sendable {
    /// The small files, in the order in which they were added.
    package private(set) var files: [(listed: BundleContents.File, bytes: [UInt8])] = []
    private var tarballs: [(listed: BundleContents.File, release: Release)] = []

    package init() {}

    /// Adds a small file, unless it was.
    package mutating func add(_ path: String, _ bytes: [UInt8]) {
        guard !files.contains(where: { $0.listed.path == path }) else { return }
        files.append((BundleContents.File(path: path, of: bytes), bytes))
    }

    /// Adds a release's tarball.
    ///
    /// - Parameters:
    ///   - path: what a gateway answers to
    ///   - release: whose length and hash were signed
    package mutating func add(_ path: String, tarballOf release: Release) {
        let listed = BundleContents.File(
            path: path, length: release.length, sha512: release.sha512)
        tarballs.append((listed, release))
    }

    /// What the index will list.
    ///
    /// - Parameters:
    ///   - applications: the versions of the application that the tarballs were chosen for
    ///   - earlier: a bundle whose tarballs are left out; nil: all are in this one
    /// - Returns: the small files, then the tarballs, each content once
    package func contents(
        for applications: [ApplicationVersion], since earlier: UnverifiedBundleIndex?
    ) -> BundleContents {
        let before = earlier?.claimed.contents
        let known = Set((before.map { $0.files + $0.omitted } ?? []).map(\.sha512))
        return BundleContents(
            applicationVersions: applications.map(\.description),
            base: earlier.map {
                BundleContents.Base(index: $0.sha512, created: $0.claimed.statement.created)
            },
            files: files.map(\.listed)
                + tarballs.map(\.listed).filter { !known.contains($0.sha512) },
            omitted: tarballs.map(\.listed).filter { known.contains($0.sha512) })
    }

    /// The tarballs that are in a bundle with these contents, in its order.
    package func tarballs(
        of contents: BundleContents
    ) -> [(listed: BundleContents.File, release: Release)] {
        let left = Set(contents.omitted.map(\.path))
        return tarballs.filter { !left.contains($0.listed.path) }
    }
}
