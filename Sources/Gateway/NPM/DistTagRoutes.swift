import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage

/// `npm dist-tag ls|add|rm`.
struct DistTagRoutes: Sendable {
    let vendor: Vendor

    /// `GET /-/package/@s%2fp/dist-tags`: the tags among the releases that the asker may have.
    @Sendable func list(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let credentials = try await vendor.credentials(request, context)
        let packument = try await vendor.visiblePackument(of: name, for: credentials.asker)
        var tags: JSONObject = [:]
        for (tag, version) in packument.distTags { tags[tag] = .string(version.description) }
        return .json(.object(tags))
    }

    /// `PUT /-/package/@s%2fp/dist-tags/TAG` with the version as a JSON string.
    @Sendable func set(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let body = try await request.bytes(upTo: 1024)
        let publisher = try await vendor.publisher(of: name, request, context)
        do {
            let tag = try DistTag(request.part("tag", context))
            let version = try SemanticVersion(JSONReader(parseJSON(body)).string())
            try await vendor.records.releases.setTag(
                tag, of: name, to: version, by: publisher.actor, at: vendor.now())
        } catch {
            throw GatewayError(refusingPublication: error)
        }
        return try await signed()
    }

    /// `DELETE /-/package/@s%2fp/dist-tags/TAG`.
    @Sendable func remove(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let publisher = try await vendor.publisher(of: name, request, context)
        do {
            let tag = try DistTag(request.part("tag", context))
            try await vendor.records.releases.removeTag(
                tag, of: name, by: publisher.actor, at: vendor.now())
        } catch {
            throw GatewayError(refusingPublication: error)
        }
        return try await signed()
    }

    private func signed() async throws -> Response {
        try await vendor.signMetadata()
        return .json(["ok": true])
    }
}
