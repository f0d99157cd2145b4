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
        let credentials = try await credentials(request, context)
        let granted = try await grantedTarball(address, credentials)
        guard sha512 == nil || sha512 == granted else { throw Self.noRelease(address) }
        return try await FileAnswer(
            vendor: self, sha512: granted, contentType: "application/octet-stream",
            cacheControl: "private, max-age=31536000, immutable"
        ).response(to: request, context: context)
    }

    /// The SHA-512 of a release that somebody may have, kept until something changes.
    ///
    /// - Throws: ``GatewayError`` 403, 404.
    private func grantedTarball(
        _ address: ReleaseAddress, _ credentials: Credentials
    ) async throws -> Digest {
        let view = ReadyPackuments.Tarball(asker: credentials.asker.viewer, release: address)
        let present = Revisions(
            catalogue: try await records.revisions.current().catalogue,
            access: credentials.revision)
        if let known = packuments.tarballs.value(view, of: present, at: now()) { return known }
        // Before it is decided, or a term that ends in between would count for ever.
        let turn = credentials.asker.license?.terms.nextTurn(after: now())
        guard let release = try await signedRelease(address) else { throw Self.noRelease(address) }
        try await releaseAccess().check(credentials.asker, release)
        packuments.tarballs.keep(
            release.sha512, for: view, of: present, until: turn)
        return release.sha512
    }

    /// A release that readers of the records or of the metadata see.
    ///
    /// The metadata is written first: between the two, and after a program was stopped there, who reads
    /// it still has to find what it names.
    private func signedRelease(_ address: ReleaseAddress) async throws -> Release? {
        guard
            let record = try await records.releases.recordedRelease(address.name, address.version)
        else { return nil }
        guard record.state == .awaitingSignature else { return record.release }
        let repository = try await onBlockingThread { try signedRepository() }
        let found = try await differences(of: address.name, in: repository)
        return found.signed.contains { $0.release.version == address.version }
            ? record.release : nil
    }

    private static func noRelease(_ address: ReleaseAddress) -> GatewayError {
        GatewayError(
            .notFound, .registryNotFound,
            "There is no release \(address.name)@\(address.version) in this registry.")
    }
}
