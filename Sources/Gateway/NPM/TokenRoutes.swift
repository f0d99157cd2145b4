import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage

/// `npm token list|create|revoke`.
struct TokenRoutes: Sendable {
    let vendor: Vendor

    /// `GET /-/npm/v1/tokens`: all in one page.
    @Sendable func list(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.knownAsker(request, context)
        let tokens = try await vendor.tokens(of: credentials)
        return .json([
            "objects": .array(tokens.map { .object($0.shown) }),
            "total": .integer(Int64(tokens.count)), "urls": [:],
        ])
    }

    /// `POST /-/npm/v1/tokens` with the password once more: the secret of the access key pair, or the
    /// token that the new one is made with.
    @Sendable func create(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.knownAsker(request, context)
        let body = try await request.bytes(upTo: SessionRoutes.maximumBody)
        let password: String
        let isReadOnly: Bool
        do {
            let reader = JSONReader(try parseJSON(body))
            password = try reader["password"].string()
            isReadOnly = try reader.optional("readonly")?.bool() ?? false
            let ranges = try reader.optional("cidr_whitelist")?.array() ?? []
            guard ranges.isEmpty else {
                throw GatewayError(
                    .badRequest, .requestMalformed,
                    "Tokens for certain addresses only are not made here: leave --cidr out.")
            }
        } catch let error as JSONError {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body is not npm's for a new token: \(error).")
        }
        let shown = try await vendor.credentials(
            userName: credentials.userName, password: password, context)
        guard shown.isSame(as: credentials) else {
            throw GatewayError.credentialsInvalid("The password is not that of this user.")
        }
        let made = try await vendor.makeToken(for: shown, isReadOnly: isReadOnly)
        var answer = made.record.shown
        answer["token"] = .string(made.token.reveal())
        return .json(.object(answer), status: .created)
    }

    /// `DELETE /-/npm/v1/tokens/token/KEY`; the key is the token's ID or, as npm allows, the token.
    @Sendable func revoke(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let credentials = try await vendor.knownAsker(request, context)
        let key = try request.part("key", context)
        let digest = AccessTokenRecord.digest(of: key)
        try await vendor.revokeToken(of: credentials) { $0.id == key || $0.digest == digest }
        return Response(status: .noContent)
    }
}

extension Credentials {
    fileprivate func isSame(as other: Credentials) -> Bool {
        switch (asker, other.asker) {
        case (.licensee(let license), .licensee(let same)): license.id == same.id
        default: tokenID != nil && tokenID == other.tokenID
        }
    }
}

extension AccessTokenRecord {
    /// As `npm token list` reads it; of the token itself there is nothing left to show.
    fileprivate var shown: JSONObject {
        [
            "key": .string(id), "token": .string(String(id.suffix(6))),
            "cidr_whitelist": [], "readonly": .bool(isReadOnly),
            "created": .string(created.wireText), "updated": .string(created.wireText),
        ]
    }
}
