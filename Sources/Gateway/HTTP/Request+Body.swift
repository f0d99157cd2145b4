import Diagnostics
import Hummingbird

extension Request {
    /// The whole body.
    ///
    /// - Throws: what says that it is too long; ``GatewayError`` 400 `gateway.request-malformed` when
    ///   the connection broke or what came is no body.
    func collectedBody(upTo maximum: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: maximum).readableBytesView)
        } catch let error as any HTTPResponseError {
            throw error
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body did not come to its end.", cause: error)
        }
    }
}
