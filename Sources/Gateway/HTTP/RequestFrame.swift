import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// Frames every request: gives it its ID, turns what was thrown into a problem document, and writes
/// one line of log when the last byte is out.
///
/// The line has the path without the query, and never a header or a body: that is where keys and
/// tokens are.
struct RequestFrame: RouterMiddleware {
    let logger: Logger
    let access: GatewayAccess
    let settings: VendorSettings
    let now: @Sendable () -> Date

    func handle(
        _ request: Request, context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let begun = ContinuousClock.now
        let id = request.headers[.requestID].flatMap { RequestID($0) } ?? RequestID(at: now())
        var context = context
        context.origin = RequestOrigin(of: request, access, settings)
        if access == .behindProxy,
            let client = request.headers[.forwardedFor].flatMap(ClientAddress.init(lastOf:))
        {
            context.address = client
        }
        var response: Response
        var cause: String?
        do {
            response = try await next(request, context)
        } catch {
            let problem = Problem(error)
            cause = problem.error.description
            response = problem.response(requestID: id)
        }
        response.headers[.requestID] = id.description
        let line = RequestLine(
            id: id, address: context.address, method: request.method.rawValue,
            path: request.shownPath,
            status: response.status.code, cause: cause, begun: begun, logger: logger)
        if request.method == .head {
            line.write(bytes: 0)
            return response.createHeadResponse()
        }
        return response.counting { line.write(bytes: $0) }
    }
}

/// What the log says about one request.
private struct RequestLine: Sendable {
    let id: RequestID
    let address: ClientAddress?
    let method: String
    let path: String
    let status: Int
    let cause: String?
    let begun: ContinuousClock.Instant
    let logger: Logger

    func write(bytes: Int) {
        let duration = ContinuousClock.now - begun
        let milliseconds =
            Double(duration.components.seconds) * 1000
            + Double(duration.components.attoseconds) / 1e15
        var metadata: Logger.Metadata = [
            "request_id": "\(id)", "method": "\(method)", "path": "\(path.prefix(512))",
            "status": "\(status)", "bytes": "\(bytes)",
            "duration_ms": "\((milliseconds * 10).rounded() / 10)",
        ]
        if let address { metadata["address"] = "\(address)" }
        if let cause { metadata["cause"] = "\(cause)" }
        logger.log(
            level: status >= 500 ? .error : .info, "request", metadata: metadata)
    }
}

extension Response {
    /// The same response that tells at its end how many bytes of body went out, also when the
    /// connection broke before.
    ///
    /// A small body goes out with its head in one write, and counts as sent.
    fileprivate func counting(_ finished: @escaping @Sendable (Int) -> Void) -> Response {
        guard let length = body.contentLength, length > 1 << 16 else {
            finished(body.contentLength ?? 0)
            return self
        }
        let counter = ByteCounter()
        let counted = body.map { buffer in
            counter.add(buffer.readableBytes)
            return buffer
        }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(contentLength: length) { writer in
                do {
                    try await counted.write(writer)
                    finished(counter.count)
                } catch {
                    finished(counter.count)
                    throw error
                }
            })
    }
}

/// How many bytes were handed to the connection so far.
private final class ByteCounter: Sendable {
    private let bytes = Mutex(0)

    var count: Int { bytes.withLock { $0 } }

    func add(_ count: Int) {
        bytes.withLock { $0 += count }
    }
}
