import Bundle
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Packages
import SignedMetadata

/// A bundle as a place that metadata and tarballs come from, for a machine without a network.
struct BundleSource: ReleaseSource {
    let bundle: BundleFile

    private let threads = WorkThreads(count: 1)

    init(_ bundle: BundleFile) {
        self.bundle = bundle
    }

    var isPartial: Bool { true }

    func file(_ path: String, maximumLength: Int) async throws -> [UInt8] {
        guard let bytes = try bundle.bytes(of: path, maximumLength: maximumLength) else {
            throw bundle.lacks(path)
        }
        return bytes
    }

    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        try bundle.bytes(of: "metadata/\(file)", maximumLength: maximumLength)
    }

    /// The offset makes no difference: to copy is as quick as to look at what is there.
    func tarball(
        of release: Release, for license: CurrentLicense, from offset: Int64,
        bypassingCaches bypassesCaches: Bool, to sink: any DownloadSink
    ) async throws {
        guard let listed = bundle[release.location] else { throw bundle.lacks(release.location) }
        try await threads.run {
            try sink.begin(resumingAt: 0)
            try bundle.read(listed) { try sink.receive($0) }
        }
    }

    /// The license token that the bundle brings; nil for none, and for one that is none.
    var token: UnverifiedLicenseToken? {
        get throws {
            let bytes = try bundle.bytes(
                of: BundleContents.tokenPath, maximumLength: UnverifiedLicenseToken.maximumBytes)
            return bytes.flatMap {
                try? UnverifiedLicenseToken(String(decoding: $0, as: UTF8.self))
            }
        }
    }
}
