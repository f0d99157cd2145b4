import Cryptography
import Diagnostics
import Hummingbird
import Licensing

/// The license page: what it shows, and its three forms.
///
/// Every form answers with a redirect to the page, which says once what came of it: reloading sends
/// nothing twice.
struct PageRoutes {
    let board: LicenseBoard
    let access: PageAccess
    let clock: any AgentClock

    /// `GET /`: the page; with `?token=…`, the exchange of the token for a session.
    @Sendable func show(_ request: Request, _ context: AgentRequestContext) async throws -> Response
    {
        if let token = request.uri.queryParameters["token"] {
            guard let cookie = access.exchange(String(token), now: clock.now) else {
                throw AgentError(
                    .agentPageLocked, "The token in this address was used or is not known.",
                    status: .forbidden)
            }
            var response = Response.seeOther("/")
            response.setCookie(
                Cookie(
                    name: cookieName(context), value: cookie.reveal(), path: "/", secure: false,
                    httpOnly: true, sameSite: .strict))
            return response
        }
        let (cookie, session) = try session(request, context)
        let notice = access.takeNotice(for: cookie)
        let picture: LicensePicture
        do {
            picture = try await board.picture()
        } catch {
            return .page(RefusalPage(AgentError(answering: error)).html)
        }
        return .page(
            LicensePage(picture, formToken: session.formToken, notice: notice, now: clock.now).html)
    }

    /// `GET /license/remove?id=…`: asks first.
    @Sendable func askBeforeRemoving(
        _ request: Request, _ context: AgentRequestContext
    ) async throws -> Response {
        let (_, session) = try session(request, context)
        let id = request.uri.queryParameters["id"].map { String($0) } ?? ""
        let picture = try await board.picture()
        guard let license = picture.licenses.first(where: { $0.id == id }) else {
            return .seeOther("/")
        }
        return .page(RemovePage(license, formToken: session.formToken).html)
    }

    /// `POST /license/add`: a key or a token, pasted or as a file.
    @Sendable func add(_ request: Request, _ context: AgentRequestContext) async throws -> Response
    {
        try await form(request, context) { fields in
            let pasted = fields["key"].trimmed
            let text = pasted.isEmpty ? fields["file"].trimmed : pasted
            guard !text.isEmpty else { throw UsageError(PageTexts.nothingPasted) }
            let status = try await board.add(Secret(text))
            return status.failure == nil ? PageTexts.licenseAdded : PageTexts.licenseAddedNotInForce
        }
    }

    /// `POST /license/refresh`: asks the gateway now.
    @Sendable func refresh(
        _ request: Request, _ context: AgentRequestContext
    ) async throws -> Response {
        try await form(request, context) { _ in
            let status = try await board.refresh()
            return status.failure == nil ? PageTexts.refreshed : PageTexts.asked
        }
    }

    /// `POST /license/remove`: after the question.
    @Sendable func remove(
        _ request: Request, _ context: AgentRequestContext
    ) async throws -> Response {
        try await form(request, context) { fields in
            try await board.remove(fields["id"])
            return PageTexts.licenseRemoved
        }
    }

    /// Does what a form asks for, in the name of a session.
    private func form(
        _ request: Request, _ context: AgentRequestContext,
        _ body: (FormFields) async throws -> String
    ) async throws -> Response {
        let (cookie, session) = try session(request, context)
        let fields = try await FormFields(request)
        guard constantTimeEqual(Array(fields["form"].utf8), Array(session.formToken.utf8)) else {
            throw AgentError(
                .agentFormExpired, "The form has not the token of this session.",
                status: .forbidden)
        }
        do {
            access.leave(.done(try await body(fields)), for: cookie)
        } catch {
            access.leave(PageNotice(error), for: cookie)
        }
        return .seeOther("/")
    }

    private func session(
        _ request: Request, _ context: AgentRequestContext
    ) throws(AgentError) -> (cookie: String, session: PageAccess.Session) {
        guard let cookie = request.cookies[cookieName(context)]?.value,
            let session = access.session(cookie, now: clock.now)
        else {
            throw AgentError(
                .agentPageLocked, "This browser has no session of the license page.",
                status: .forbidden)
        }
        return (cookie, session)
    }

    /// Browsers give a host's cookies to all of its ports: another agent has another name.
    private func cookieName(_ context: AgentRequestContext) -> String {
        "tollgate_agent_\(context.port)"
    }
}

extension String {
    /// Without spaces and line ends around it, which come along when people paste.
    fileprivate var trimmed: String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{FEFF}" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
