import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Licensing

/// Version 0 of the check-in: what NocoDB's license client says, answered as NocoDB's server does.
///
/// Every refusal is 400 with a `message`: the client logs the body and tries again later.
struct NocoDBRoutes: Sendable {
    let vendor: Vendor

    /// Answers a body.
    ///
    /// - Parameters:
    ///   - body: the raw bytes, which signatures are over
    ///   - fields: what was read from them
    /// - Returns: the answer
    /// - Throws: ``GatewayError`` 400.
    func answer(_ body: [UInt8], _ fields: JSONValue) async throws -> Response {
        do {
            switch try NocoDBRequest(fields, now: vendor.now()) {
            case .register(let registration):
                return .json(try await vendor.register(registration))
            case .heartbeat(let heartbeat):
                return .json(try await vendor.renew(heartbeat, body: body, fields: fields))
            case .telemetry:
                let now = Int64(vendor.now().timeIntervalSince1970 * 1000)
                return .json(["status": "telemetry_received", "timestamp": .integer(now)])
            }
        } catch let error as LicenseError {
            throw GatewayError(
                .badRequest, error.code, error.message, remedy: error.remedy,
                foreignMembers: ["message": .string(error.message)], cause: error.cause)
        }
    }
}
