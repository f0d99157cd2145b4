import CanonicalJSON
import Diagnostics
import Hummingbird
import Storage

/// What a balancer asks: whether the program is alive and can do its work.
struct HealthRoutes: Sendable {
    let vendor: Vendor

    @Sendable func alive(_ request: Request, _ context: GatewayRequestContext) -> Response {
        .json(["status": "ok"])
    }

    @Sendable func ready(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        do {
            try await vendor.checkReadiness()
        } catch {
            let missing = error.parts.map(\.what).joined(separator: ", ")
            throw GatewayError(
                .serviceUnavailable, .gatewayNotReady, "Missing: \(missing).", cause: error)
        }
        return .json(["status": "ready"])
    }
}
