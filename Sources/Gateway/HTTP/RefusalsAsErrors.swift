import Hummingbird

/// Makes a ``GatewayError`` of what the web framework refuses by itself, such as an unknown address.
///
/// Outside of all middleware the framework would answer those in its own form.
struct RefusalsAsErrors: RouterMiddleware {
    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            throw Problem(error).error
        }
    }
}
