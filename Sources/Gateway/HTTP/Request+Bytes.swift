import Diagnostics
import Hummingbird
import HummingbirdCore

extension Request {
    /// The whole body.
    ///
    /// - Parameter maximum: how many bytes it may have
    /// - Returns: what was sent
    /// - Throws: ``GatewayError`` 413 `gateway.request-too-large`, 408 `gateway.request-timeout`, 400
    ///   `gateway.request-malformed` when the connection broke or what came is no body.
    func bytes(upTo maximum: Int) async throws -> [UInt8] {
        // Refused before it is sent, where the client waits for 100 Continue.
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > maximum {
            throw GatewayError(
                .contentTooLarge, .requestTooLarge,
                "The body has \(length) bytes; this address takes at most \(maximum).")
        }
        do {
            return Array(try await body.collect(upTo: maximum).readableBytesView)
        } catch let error as GatewayError {
            throw error
        } catch let error as any HTTPResponseError {
            throw Problem(error).error
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body did not come to its end.", cause: error)
        }
    }
}
