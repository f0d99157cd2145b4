import Diagnostics
import HTTPTypes
import Hummingbird

typealias Handler = @Sendable (Request, GatewayRequestContext) async throws -> Response

extension Router<GatewayRequestContext> {
    /// Answers an address: HEAD as GET without the body, and every other method with 405 and `Allow`.
    func serve(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        handlers[.head] = handlers[.head] ?? handlers[.get]
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in HTTPRequest.Method.common {
            guard let handler = handlers[method] else {
                on(path, method: method) { request, _ -> Response in
                    throw GatewayError(
                        .methodNotAllowed, .methodNotAllowed,
                        "\(request.method.rawValue) is not done at \(request.shownPath).",
                        headers: [.allow: allowed])
                }
                continue
            }
            on(path, method: method, use: handler)
        }
    }
}

extension HTTPRequest.Method {
    fileprivate static let common: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .connect,
    ]
}

extension Request {
    /// The path's part that the route names, with `%xx` decoded.
    ///
    /// - Throws: 404 `gateway.not-found` when it is not UTF-8 then.
    func part(_ name: String, _ context: GatewayRequestContext) throws -> String {
        guard let text = context.parameters.get(name), let decoded = percentDecoded(text) else {
            throw notFound()
        }
        return decoded
    }

    /// Nothing is at this address.
    func notFound() -> GatewayError {
        GatewayError(
            .notFound, .addressNotFound, "The gateway has nothing at \(shownPath).")
    }
}

/// The text with `%xx` decoded, or nil when that is malformed or gives no UTF-8.
func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var iterator = text.utf8.makeIterator()
    while let byte = iterator.next() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = iterator.next().flatMap(hexDigit),
            let low = iterator.next().flatMap(hexDigit)
        else { return nil }
        bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
}

func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
