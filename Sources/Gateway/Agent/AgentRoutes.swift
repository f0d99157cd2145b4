import Hummingbird

/// The check-in protocol.
struct AgentRoutes: Sendable {
    let vendor: Vendor

    @Sendable func answer(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        throw request.notFound()
    }
}
