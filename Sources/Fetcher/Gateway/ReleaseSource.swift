import Diagnostics
import HTTPTransfer
import Packages
import SignedMetadata

/// Where metadata, signed files and tarballs come from: a gateway, or a bundle.
///
/// Nothing that it hands out is trusted: signatures decide, the same for both.
protocol ReleaseSource: MetadataTransport {
    /// A small file that must be there, by the path that a gateway answers to.
    func file(_ path: String, maximumLength: Int) async throws -> [UInt8]

    /// Streams a release's tarball to a sink, and never more bytes than were signed.
    ///
    /// - Parameters:
    ///   - release: which
    ///   - license: whose token opens it, where one is asked for
    ///   - offset: how many bytes the sink has from before
    ///   - bypassesCaches: whether no cache on the way may answer
    ///   - sink: where the bytes go
    /// - Throws: ``NetworkError``, ``GatewayRefusal``, ``BundleError``; what the sink throws.
    func tarball(
        of release: Release, for license: CurrentLicense, from offset: Int64,
        bypassingCaches bypassesCaches: Bool, to sink: any DownloadSink
    ) async throws

    /// Looks whether it can hand out a tarball, where that costs no request.
    ///
    /// - Throws: what ``tarball(of:for:from:bypassingCaches:to:)`` would throw.
    func check(_ release: Release) async throws

    /// Whether it may have nothing at all of some plugins of the license.
    var isPartial: Bool { get }
}

extension GatewayClient: ReleaseSource {
    var isPartial: Bool { false }

    func check(_ release: Release) async throws {}

    func tarball(
        of release: Release, for license: CurrentLicense, from offset: Int64,
        bypassingCaches bypassesCaches: Bool, to sink: any DownloadSink
    ) async throws {
        let token = try license.token(for: release)
        try await download(
            release.location, length: release.length,
            authorization: Secret("Bearer \(token.reveal())"), resumeOffset: offset,
            bypassCaches: bypassesCaches, to: sink)
    }
}
