import Bundle
import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Storage

/// What a customer's machine with a network asks, to make a bundle for one without.
struct BundleRoutes: Sendable {
    let vendor: Vendor

    /// Bodies are read up to here, in bytes: what an index may have.
    private static let maximumBody = UnverifiedBundleIndex.maximumBytes

    /// `POST /api/v1/bundles`: the contents of a bundle, answered with its signed index.
    ///
    /// - Throws: ``GatewayError`` 401, 403 `license.*` for a license that is not in force, 400
    ///   `gateway.request-malformed`, 503 when the gateway cannot sign bundles yet.
    @Sendable func sign(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let asker = try await vendor.knownAsker(request, context).asker
        guard let license = asker.license else {
            throw GatewayError.credentialsInvalid("A bundle is made by a license's own token.")
        }
        guard license.isUsable(at: vendor.now()) else {
            throw GatewayError(
                .forbidden, license.refusal(at: vendor.now()),
                "The license \(license.id) is not in force.")
        }
        let body = try await request.bytes(upTo: Self.maximumBody)
        let (contents, days) = try await onBlockingThread { try Self.read(body) }
        let index: [UInt8]
        do {
            index = try await vendor.bundleIndex(of: contents, for: license, days: days)
        } catch let error as any Failure where error.code == .trustSigningKey {
            throw GatewayError(.serviceUnavailable, error.code, error.message, cause: error)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(bytes: index))
    }

    private static func read(_ body: [UInt8]) throws -> (BundleContents, days: Int) {
        do {
            let reader = JSONReader(try parseJSON(body))
            let days = try reader["days"]
            guard (1...Int64(BundleIndex.maximumDays)).contains(try days.integer()) else {
                throw days.failure(.invalidValue)
            }
            return (try BundleContents(reader), Int(try days.integer()))
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body is not a bundle's contents: \(error).")
        }
    }
}
