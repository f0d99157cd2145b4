import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage
import WebPage

/// `npm login` by the browser.
///
/// npm asks for two addresses, opens one in the browser and asks the other until a person has said
/// there who they are.
struct WebLoginRoutes: Sendable {
    let vendor: Vendor

    /// `POST /-/v1/login`.
    @Sendable func begin(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        guard let login = vendor.webLogins.begin(from: context.address, at: vendor.now()) else {
            throw GatewayError(
                .serviceUnavailable, .gatewayNotReady,
                "More people log in than the gateway waits for at once.",
                remedy: "Try again in some minutes, or use npm login --auth-type=legacy.",
                headers: [.retryAfter: "60"])
        }
        return .json([
            "loginUrl": .string("\(context.origin)/-/login/\(login.page)"),
            "doneUrl": .string("\(context.origin)/-/v1/login/done/\(login.secret)"),
        ])
    }

    /// `GET /-/v1/login/done/SECRET`: 202 until somebody has logged in.
    @Sendable func done(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let secret = try request.part("secret", context)
        let isTaken = request.method == .get
        switch vendor.webLogins.progress(secret, isTaken: isTaken, at: vendor.now()) {
        case .waiting:
            var response = Response.json([:], status: .accepted)
            response.headers[.retryAfter] = "1"
            return response
        case .done(let token): return .json(["token": .string(token.reveal())])
        case nil: throw request.notFound()
        }
    }

    /// `GET /-/login/ID`.
    @Sendable func page(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let page = try request.part("login", context)
        let vendorName = try await vendor.profile().name
        guard vendor.webLogins.isWaiting(page, at: vendor.now()) else {
            return LoginPage(vendorName: vendorName).over
        }
        return LoginPage(vendorName: vendorName).form()
    }

    /// `POST /-/login/ID`: the form that the page shows.
    @Sendable func logIn(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let id = try request.part("login", context)
        let page = LoginPage(vendorName: try await vendor.profile().name)
        let body = try await request.bytes(upTo: SessionRoutes.maximumBody)
        guard let fields = FormEncoding.decode(body), let password = fields["password"] else {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body is not the form of this page.")
        }
        guard vendor.webLogins.isWaiting(id, at: vendor.now()) else { return page.over }
        do {
            let credentials = try await vendor.credentials(
                userName: fields["user"] ?? "", password: password, context)
            let made = try await vendor.makeToken(
                for: credentials, lifetime: SessionRoutes.loginLifetime)
            guard vendor.webLogins.end(id, with: made.token, at: vendor.now()) else {
                try await vendor.records.accessTokens.revoke(
                    made.record.id, by: .gateway, at: vendor.now())
                return page.over
            }
            return page.done(userName: credentials.userName)
        } catch let error as GatewayError {
            return page.form(refusal: error)
        }
    }
}
