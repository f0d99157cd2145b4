import Cryptography
import Diagnostics
import Hummingbird
import Packages
import Storage

extension Vendor {
    /// The tarball of a release, for a license that may have it; by npm's address and by that of the
    /// signed metadata alike.
    ///
    /// - Parameters:
    ///   - address: the release
    ///   - sha512: what the address says, where it does
    ///   - request: with the license's token
    ///   - context: the request's
    /// - Returns: the bytes, or the part of them that was asked for
    /// - Throws: ``GatewayError`` 401, 403, 404.
    func tarball(
        _ address: ReleaseAddress, sha512: Digest?, for request: Request,
        context: GatewayRequestContext
    ) async throws -> Response {
        let asker = try await credentials(request, context).asker
        let record = try await records.releases.release(address.name, address.version)
        guard let release = record?.release,
            sha512 == nil || sha512 == release.sha512
        else {
            throw GatewayError(
                .notFound, .registryNotFound,
                "There is no release \(address.name)@\(address.version) in this registry.")
        }
        try await releaseAccess().check(asker, release)
        return try await FileAnswer(
            vendor: self, sha512: release.sha512, contentType: "application/octet-stream",
            cacheControl: "private, max-age=31536000, immutable"
        ).response(to: request, context: context)
    }
}
