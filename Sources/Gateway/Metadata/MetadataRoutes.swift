import Cryptography
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage
import SystemPackage

/// Signed metadata and what it describes, as any client of The Update Framework asks for it.
struct MetadataRoutes: Sendable {
    private let vendor: Vendor
    private let files: MetadataFiles

    init(vendor: Vendor) {
        self.vendor = vendor
        files = MetadataFiles(in: vendor.folder.metadata)
    }

    /// `/metadata/timestamp.json`, `/metadata/3.plugin-x.json`: the same bytes for everybody.
    @Sendable func file(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.part("file", context)
        guard Self.isMetadataFile(name) else { throw request.notFound() }
        guard let file = try await files.file(name) else { throw request.notFound() }
        return file.response(to: request)
    }

    /// `/targets/DIR/HASH.NAME` (consistent snapshots, specification section 6.2).
    @Sendable func target(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        guard let target = ConsistentTarget(context.parameters.getCatchAll()) else {
            throw request.notFound()
        }
        if let file = try await vendor.records.signedFiles.file(target.path, sha512: target.sha512)
        {
            return try await FileAnswer(
                vendor: vendor, sha512: file.sha512, contentType: "application/json",
                cacheControl: "public, max-age=31536000, immutable"
            ).response(to: request, context: context)
        }
        guard let address = ReleaseAddress(targetPath: target.path) else {
            throw request.notFound()
        }
        return try await vendor.tarball(
            address, sha512: target.sha512, for: request, context: context)
    }

    private static func isMetadataFile(_ name: String) -> Bool {
        name.hasSuffix(".json") && name.first != "."
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"), UInt8(ascii: "~"), UInt8(ascii: "@"), UInt8(ascii: "+"):
                    true
                default: false
                }
            }
    }
}

/// A target path whose last part begins with the target's SHA-512.
private struct ConsistentTarget {
    let path: String
    let sha512: Digest

    init?(_ parts: [Substring]) {
        let parts = parts.compactMap(percentDecoded)
        guard let last = parts.last, let dot = last.firstIndex(of: "."),
            let sha512 = Digest(.sha512, hex: String(last[..<dot]))
        else { return nil }
        let name = String(last[last.index(after: dot)...])
        guard !name.isEmpty else { return nil }
        path = (parts.dropLast() + [name]).joined(separator: "/")
        self.sha512 = sha512
    }
}
