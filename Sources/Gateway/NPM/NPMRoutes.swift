import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage

/// The npm registry's protocol: packuments, tarballs, keys.
struct NPMRoutes: Sendable {
    let vendor: Vendor

    @Sendable func ping(_ request: Request, _ context: GatewayRequestContext) -> Response {
        .json([:])
    }

    /// The keys that sign releases for npm's own tooling; the same bytes as the signed target
    /// `keys/registry.json`.
    @Sendable func keys(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let bytes = try await vendor.signedFile("keys/registry.json")
        return ReadyBytes(
            bytes, contentType: "application/json", cacheControl: "public, max-age=300"
        ).response(to: request)
    }

    /// `/@s%2fp`, `/@s%2Fp` and `/@s/p`: the plugin with the releases that this license may have.
    @Sendable func packument(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try packageName(request, context)
        let asker = try await vendor.asker(request)
        let access = try await vendor.releaseAccess()
        let allowed = try await vendor.records.releases.releases(of: name).filter {
            $0.release.yanked == nil
                && access.decision(for: asker.license, on: $0.release) == .granted
        }
        guard !allowed.isEmpty else {
            try await refuse(name, asker, access)
            throw GatewayError(
                .notFound, .registryNotFound, "There is no plugin \(name) in this registry.")
        }
        let bytes = try vendor.packument(of: name, allowed)
        return ReadyBytes(
            bytes, contentType: "application/json", cacheControl: "private, no-cache",
            vary: "Authorization, Accept, Accept-Encoding"
        ).response(to: request)
    }

    /// `/@s/p/-/p-1.0.0.tgz`.
    @Sendable func tarball(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try packageName(request, context)
        guard let address = ReleaseAddress(name: name, file: try request.part("file", context))
        else { throw request.notFound() }
        return try await vendor.tarball(address, sha512: nil, for: request, context: context)
    }

    /// The reason why a licensed plugin has no release for this license, when that is so.
    private func refuse(_ name: PackageName, _ asker: Asker, _ access: ReleaseAccess) async throws {
        for record in try await vendor.records.releases.releases(of: name)
        where record.release.yanked == nil {
            try access.check(asker.license, record.release)
        }
    }

    private func packageName(
        _ request: Request, _ context: GatewayRequestContext
    ) throws -> PackageName {
        var text = try request.part("name", context)
        if context.parameters.get("bare") != nil {
            text += "/" + (try request.part("bare", context))
        }
        guard let name = try? PackageName(text), name.scope != nil else { throw request.notFound() }
        return name
    }
}
