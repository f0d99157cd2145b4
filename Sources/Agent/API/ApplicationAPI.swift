import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Licensing
import NIOCore

/// What the application asks, as JSON; `docs/license-page.md` describes it.
struct ApplicationAPI {
    let board: LicenseBoard
    let access: PageAccess
    let token: Secret<String>

    /// Rows of all users of a large application.
    static let maximumUserBytes = 16 << 20

    /// `GET /v1/license`: the status, and the raw tokens for whoever verifies them again.
    @Sendable func license(_ request: Request, _ context: AgentRequestContext) async throws
        -> Response
    {
        try authorize(request)
        let picture = try await board.picture()
        guard case .object(var json) = picture.statusJSON else {
            return .json(picture.statusJSON)
        }
        json["read_only"] = .bool(picture.isReadOnly)
        json["next_check_in"] = picture.nextCheckIn.map { .string($0.wireText) }
        json["seats"] = picture.seats?.json
        json["tokens"] = .array(picture.tokens.map { .string($0.reveal()) })
        return .json(.object(json))
    }

    /// `GET /v1/plugins`: what the licenses grant, and what is installed of it.
    @Sendable func plugins(_ request: Request, _ context: AgentRequestContext) async throws
        -> Response
    {
        try authorize(request)
        let plugins = try await board.picture().plugins
        return .json(["schema": 1, "plugins": .array(plugins.map(\.json))])
    }

    /// `GET /v1/instance`: the Instance ID and the facts behind it.
    @Sendable func instance(_ request: Request, _ context: AgentRequestContext) async throws
        -> Response
    {
        try authorize(request)
        return .json(try await board.picture().instance.json)
    }

    /// `POST /v1/users`: rows of users, of which only the count is kept.
    @Sendable func users(_ request: Request, _ context: AgentRequestContext) async throws
        -> Response
    {
        try authorize(request)
        var request = request
        let body = try await request.collectBody(upTo: Self.maximumUserBytes)
        let rows = try SeatRow.list(Array(buffer: body))
        let seats = try await board.save(rows)
        return .json(["schema": 1, "seats": seats?.json ?? .null])
    }

    /// `POST /v1/page-address`: a new address of the license page, for `pkg agent --print-url`.
    @Sendable func pageAddress(_ request: Request, _ context: AgentRequestContext) async throws
        -> Response
    {
        try authorize(request)
        let address = PageAddress(authority: request.head.authority, token: access.makeToken())
        return .json(["schema": 1, "url": .string(address.text.reveal())])
    }

    private func authorize(_ request: Request) throws(AgentError) {
        let given = request.headers[.authorization] ?? ""
        let expected = "Bearer \(token.reveal())"
        // Digests have one length, so that not even that of the token is told.
        let isRight = constantTimeEqual(
            Digest.of(.sha256, Array(given.utf8)).bytes,
            Digest.of(.sha256, Array(expected.utf8)).bytes)
        guard isRight else {
            throw AgentError(
                .agentTokenRefused,
                given.isEmpty
                    ? "The request has no Authorization header."
                    : "The Authorization header has another token.",
                status: .unauthorized)
        }
    }
}

extension LicensePicture.Seats {
    var json: JSONValue {
        var json: JSONObject = ["over_limit": .bool(isOver)]
        json["in_use"] = inUse.map { .integer($0) } ?? .null
        json["limit"] = limit.map { .integer($0) } ?? .null
        return .object(json)
    }
}

extension LicensePicture.Plugin {
    fileprivate var json: JSONValue {
        var json: JSONObject = ["name": .string(name)]
        json["updates_until"] = updatesUntil.map { .string($0.wireText) } ?? .null
        json["is_paused"] = .bool(isPaused)
        json["installed"] = installed.map { .string($0) } ?? .null
        json["damage"] = damage.map { .string($0) } ?? .null
        json["mismatch"] =
            mismatch.map { mismatch in
                [
                    "reason": .string(mismatch.reason), "why": .string(mismatch.explanation),
                    "wanted": mismatch.wanted.map { .string($0) } ?? .null,
                ]
            } ?? .null
        return .object(json)
    }
}
