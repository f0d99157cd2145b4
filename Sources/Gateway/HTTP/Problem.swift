import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import Storage

/// What every refusal looks like on the wire: `application/problem+json` (RFC 9457) with the code that
/// `pkg` shows too.
struct Problem {
    let error: GatewayError

    /// Finds the response for whatever was thrown.
    ///
    /// Only refusals explain themselves to the caller. Anything else is a broken disk or a defect:
    /// the log has it, under the request ID, and the caller learns nothing of the machine.
    init(_ error: any Error) {
        switch error {
        case let error as GatewayError:
            self.error = error
        case let error as any HTTPResponseError where error.status == .contentTooLarge:
            self.error = GatewayError(
                error.status, .requestTooLarge, "The body is longer than this address takes.")
        case let error as any HTTPResponseError where error.status == .notFound:
            self.error = GatewayError(
                error.status, .addressNotFound, "The gateway has nothing at this address.")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self.error = GatewayError(
                error.status, .requestMalformed, "The request cannot be understood.")
        case let error as StorageError:
            self.error = GatewayError(
                .internalServerError, .gatewayFailed,
                "The gateway cannot read or write what it needs for this request.", cause: error)
        default:
            self.error = GatewayError(
                .internalServerError, .unexpected, "The gateway failed to answer this request.",
                remedy: "Try again; if it stays, show the request ID to the vendor's support.",
                cause: error)
        }
    }

    func response(requestID: RequestID) -> Response {
        var document: JSONObject = [
            "type": "about:blank",
            "title": .string(error.code.title),
            "status": .integer(Int64(error.status.code)),
            "detail": .string(error.message),
            "code": .string(error.code.name),
            "remedy": .string(error.remedy),
            "request_id": .string(requestID.description),
        ]
        // What npm and NocoBase's programs print.
        document["error"] = .string(error.message)
        document["reason"] = error.reason.map { .string($0) }
        for (name, value) in error.foreignMembers { document[name] = value }
        var headers = error.headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(
            status: error.status, headers: headers,
            body: ResponseBody(bytes: JSONValue.object(document).compactBytes))
    }
}

extension ResponseBody {
    init(bytes: [UInt8]) {
        self.init(byteBuffer: ByteBuffer(bytes: bytes))
    }
}

extension Response {
    /// A JSON answer that no cache keeps.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(bytes: value.compactBytes))
    }
}
