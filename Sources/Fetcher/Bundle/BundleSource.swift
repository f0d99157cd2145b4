import Bundle
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Packages
import SignedMetadata
import SystemPackage

/// A bundle as a place that metadata and tarballs come from, for a machine without a network.
struct BundleSource: ReleaseSource {
    let bundle: BundleFile
    private let threads = WorkThreads(count: 1)

    /// - Throws: ``BundleError`` as ``BundleFile/init(opening:)`` does.
    init(opening path: FilePath) async throws {
        bundle = try await threads.run { try BundleFile(opening: path) }
    }

    var isPartial: Bool { true }

    func file(_ path: String, maximumLength: Int) async throws -> [UInt8] {
        guard let bytes = try await bytes(of: path, maximumLength) else {
            throw bundle.lacks(path, called: path)
        }
        return bytes
    }

    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        try await bytes(of: "metadata/\(file)", maximumLength)
    }

    private func bytes(of path: String, _ maximumLength: Int) async throws -> [UInt8]? {
        try await threads.run { try bundle.bytes(of: path, maximumLength: maximumLength) }
    }

    /// The offset makes no difference: to copy is as quick as to look at what is there.
    func tarball(
        of release: Release, for license: CurrentLicense, from offset: Int64,
        bypassingCaches bypassesCaches: Bool, to sink: any DownloadSink
    ) async throws {
        let listed = try listed(release)
        try await threads.run {
            try sink.begin(resumingAt: 0)
            try bundle.read(listed) { try sink.receive($0) }
        }
    }

    func check(_ release: Release) async throws {
        let listed = try listed(release)
        try await threads.run { try bundle.read(listed) { _ in } }
    }

    private func listed(_ release: Release) throws(BundleError) -> BundleContents.File {
        guard let listed = bundle[release.location] else {
            throw bundle.lacks(release.location, called: "\(release.name) \(release.version)")
        }
        return listed
    }

    /// The license token that the bundle brings; nil for none, and for one that is none.
    func token() async throws -> UnverifiedLicenseToken? {
        let bytes = try await bytes(
            of: BundleContents.tokenPath, UnverifiedLicenseToken.maximumBytes)
        return bytes.flatMap { try? UnverifiedLicenseToken(String(decoding: $0, as: UTF8.self)) }
    }
}
