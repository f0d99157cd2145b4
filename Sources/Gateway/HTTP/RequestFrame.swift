import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Frames every request: gives it its ID, finds who sent it, turns what was thrown into a problem
/// document, and has the line of log that is written when the last byte is out.
struct RequestFrame: Sendable {
    let logger: Logger
    let access: GatewayAccess
    let vendor: Vendor
    private let ids = RequestIDs()

    init(_ vendor: Vendor, _ access: GatewayAccess, logger: Logger) {
        self.vendor = vendor
        self.access = access
        self.logger = logger
    }

    /// An answer with what the log will say of it.
    struct Answer {
        let response: Response
        let line: RequestLine
    }

    /// Answers whatever came in; never fails.
    ///
    /// - Parameters:
    ///   - arrival: what came in
    ///   - peer: the other end of the connection
    ///   - responder: asked for every request that is one
    /// - Returns: what to write, and what to log then
    func answer(
        _ arrival: Arrival, from peer: ClientAddress?,
        by responder: some HTTPResponder<GatewayRequestContext>
    ) async -> Answer {
        let begun = ContinuousClock.now
        let request = Request(arrival)
        let id = request.headers[.requestID].flatMap { RequestID($0) } ?? ids.next(at: vendor.now())
        let address = client(of: request, peer)
        var response: Response
        var cause: String?
        do {
            if case .refused(let refusal, _) = arrival.content { throw refusal }
            try vendor.rateLimits.check(address)
            let source = GatewayRequestSource(
                logger: logger, address: address,
                origin: RequestOrigin(of: request, access, vendor.settings))
            response = try await responder.respond(
                to: request, context: GatewayRequestContext(source: source))
        } catch {
            let problem = Problem(error)
            cause = problem.error.description
            response = problem.response(requestID: id)
        }
        response.headers[.requestID] = id.description
        if request.method == .head { response = response.createHeadResponse() }
        return Answer(
            response: response,
            line: RequestLine(
                id: id, address: address, head: arrival.head == nil ? nil : request,
                status: response.status.code, cause: cause, begun: begun, logger: logger))
    }

    /// The other end of the connection or, behind a proxy, who that says was its client.
    private func client(of request: Request, _ peer: ClientAddress?) -> ClientAddress? {
        guard access == .behindProxy else { return peer }
        return request.headers[.forwardedFor].flatMap(ClientAddress.init(lastOf:)) ?? peer
    }
}

extension Request {
    /// The request as the routes take it; one without a target for what was no request.
    fileprivate init(_ arrival: Arrival) {
        guard let head = arrival.head else {
            self.init(
                head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"),
                body: RequestBody(buffer: ByteBuffer()))
            return
        }
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        var host: String?
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            if name.canonicalName == "host" {
                host = value
            } else {
                fields.append(HTTPField(name: name, value: value))
            }
        }
        var body: RequestBody?
        if case .request(_, let incoming?) = arrival.content {
            body = RequestBody(asyncSequence: incoming)
        }
        self.init(
            head: HTTPRequest(
                method: HTTPRequest.Method(head.method.rawValue) ?? .get, scheme: "http",
                authority: host, path: head.uri, headerFields: fields),
            body: body ?? RequestBody(buffer: ByteBuffer()))
    }
}
