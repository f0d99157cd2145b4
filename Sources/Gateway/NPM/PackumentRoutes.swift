import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages

/// What npm reads: packuments, tarballs, keys.
struct PackumentRoutes: Sendable {
    let vendor: Vendor

    @Sendable func ping(_ request: Request, _ context: GatewayRequestContext) -> Response {
        .json([:])
    }

    /// The keys that sign releases for npm's own tooling; the same bytes as the signed target
    /// `keys/registry.json`.
    @Sendable func keys(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        ReadyBytes(
            try await vendor.signedFile("keys/registry.json"), contentType: "application/json",
            cacheControl: "public, max-age=300"
        ).response(to: request)
    }

    /// `/@s%2fp`, `/@s%2Fp` and `/@s/p`: the plugin with the releases that the asker may have.
    @Sendable func packument(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let credentials = try await vendor.credentials(request, context)
        let form: Packument.Form =
            prefersAbbreviated(request.headers[.accept]) ? .abbreviated : .full
        return try await vendor.packument(
            of: name, form, for: credentials, origin: context.origin
        ).response(to: request)
    }

    /// `/@s/p/-/p-1.0.0.tgz`.
    @Sendable func tarball(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        guard let address = ReleaseAddress(name: name, file: try request.part("file", context))
        else { throw request.notFound() }
        return try await vendor.tarball(address, sha512: nil, for: request, context: context)
    }
}

extension Request {
    /// The plugin that the address names, with its scope as one part of the path or as two.
    ///
    /// - Throws: ``GatewayError`` 404 for a name that no plugin can have.
    func packageName(_ context: GatewayRequestContext) throws -> PackageName {
        var text = try part("name", context)
        if context.parameters.get("bare") != nil {
            text += "/" + (try part("bare", context))
        }
        do {
            let name = try PackageName(text)
            guard name.scope != nil else { throw notFound() }
            return name
        } catch let error as PackageError {
            throw GatewayError(.notFound, error.code, error.message)
        }
    }
}

/// Whether a header `Accept` asks for the abbreviated form and not for the full one before it.
///
/// npm sends `application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*`.
func prefersAbbreviated(_ accept: String?) -> Bool {
    guard let accept else { return false }
    var best: (quality: Double, isAbbreviated: Bool) = (0, false)
    for element in accept.split(separator: ",") {
        let parts = element.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
        guard let type = parts.first,
            type == "application/vnd.npm.install-v1+json" || type == "application/json"
        else { continue }
        let quality =
            parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
        if quality > best.quality { best = (quality, type != "application/json") }
    }
    return best.isAbbreviated
}
