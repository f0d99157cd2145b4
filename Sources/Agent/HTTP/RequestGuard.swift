import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Logging

/// Stands before every route: refuses what is not meant for us, turns what is thrown into an answer,
/// and tells browsers what they may do with it.
struct RequestGuard: RouterMiddleware {
    let log: Logger

    /// Nothing from elsewhere, nothing into frames; forms to us alone.
    static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
        form-action 'self'; frame-ancestors 'none'; base-uri 'none'
        """

    func handle(
        _ request: Request, context: AgentRequestContext,
        next: @concurrent (Request, AgentRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            try RequestOrigin.check(request.head, port: context.port)
            response = try await next(request, context)
        } catch {
            let refusal = AgentError(answering: error)
            if refusal.status.kind == .serverError {
                log.error(
                    "\(request.method) \(printable(request.uri.path, limit: 200)): \(refusal)")
            }
            response = refusal.response(asPage: request.wantsPage)
        }
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.cacheControl] = "no-store"
        return request.method == .head ? response.createHeadResponse() : response
    }
}

extension Request {
    /// Whether a person reads the answer.
    fileprivate var wantsPage: Bool {
        !uri.path.hasPrefix("/v1/") && headers[.accept]?.contains("text/html") == true
    }
}

extension AgentError {
    /// What a request is told of an error: what can be acted on in full, a defect only by its code.
    init(answering error: any Error) {
        switch error {
        case let error as AgentError:
            self = error
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            self.init(
                .agentRequest, "The body is longer than this address takes.",
                status: .contentTooLarge)
        case let error as any HTTPResponseError where error.status == .notFound:
            self.init(.agentRequest, "There is nothing at this address.", status: .notFound)
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self.init(.agentRequest, "The request cannot be understood.", status: error.status)
        case let error as any Failure:
            self.init(
                error.code, error.message, remedy: error.remedy, status: error.code.httpStatus,
                cause: error.cause)
        default:
            self.init(.unexpected, "The agent failed to answer this request.", cause: error)
        }
    }

    /// For programs `application/problem+json` (RFC 9457), for people a page.
    func response(asPage: Bool) -> Response {
        if asPage { return .page(RefusalPage(self).html, status: status) }
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(
                json: [
                    "type": "about:blank", "title": .string(code.title),
                    "status": .integer(Int64(status.code)), "detail": .string(message),
                    "code": .string(code.name), "remedy": .string(remedy),
                ]))
    }
}

extension FailureCode {
    /// Of what the license's own parts say: the application's fault, or nobody's here.
    fileprivate var httpStatus: HTTPResponse.Status {
        // Who installs plugins, or a check-in, has the folder for a while.
        guard self != .lockHeld else { return .serviceUnavailable }
        return switch exitStatus {
        case .license, .verification, .usage, .mismatches, .success: .unprocessableContent
        case .network: .badGateway
        case .unexpected, .local, .interrupted, .terminated: .internalServerError
        }
    }
}
