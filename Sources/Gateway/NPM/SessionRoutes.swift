import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Storage

/// `npm login` with user name and password, `npm logout`, `npm whoami`.
struct SessionRoutes: Sendable {
    let vendor: Vendor

    /// How long what `npm login` gets holds, in seconds.
    static let loginLifetime: TimeInterval = 30 * 86_400
    static let maximumBody = 64 << 10

    /// `GET /-/whoami`.
    @Sendable func whoami(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        .json(["username": .string(try await vendor.knownAsker(request, context).userName)])
    }

    /// `PUT /-/user/org.couchdb.user:NAME`: a token for an access key pair, or for any name with a
    /// token as its password.
    @Sendable func logIn(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let body = try await request.bytes(upTo: Self.maximumBody)
        let name: String
        let password: String
        do {
            let reader = JSONReader(try parseJSON(body))
            name = try reader["name"].string()
            password = try reader["password"].string()
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body is not npm's for logging in: \(error).")
        }
        guard try request.part("user", context) == "org.couchdb.user:\(name)" else {
            throw GatewayError(
                .badRequest, .requestMalformed, "Address and body name different users.")
        }
        let credentials = try await vendor.credentials(userName: name, password: password, context)
        let token = try await vendor.makeToken(for: credentials, lifetime: Self.loginLifetime)
        return .json(
            [
                "ok": true, "id": .string("org.couchdb.user:\(name)"), "rev": "1",
                "token": .string(token.token.reveal()),
            ], status: .created)
    }

    /// `DELETE /-/user/token/TOKEN`: the token that the request shows is revoked.
    @Sendable func logOut(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.knownAsker(request, context)
        let digest = AccessTokenRecord.digest(of: try request.part("token", context))
        try await vendor.revokeToken(of: credentials) { $0.digest == digest }
        return .json(["ok": true])
    }
}
