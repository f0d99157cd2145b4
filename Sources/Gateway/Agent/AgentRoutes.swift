import Diagnostics
import HTTPTypes
import Hummingbird
import Licensing
import Storage

/// The check-in of installations: one address, and nothing else to open in a firewall.
///
/// register binds a license to an instance, heartbeat renews its token, release frees it. Asked again,
/// the same question gets the same answer: a lost response strands nobody.
struct AgentRoutes: Sendable {
    let vendor: Vendor

    /// Bodies are read up to here, in bytes: a heartbeat that lists a thousand plugins.
    private static let maximumBody = 1 << 20

    @Sendable func answer(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let body = try await body(of: request)
        let answer: CheckInResponse
        do {
            switch try CheckInRequest(body: body) {
            case .register(let register), .rebind(let register):
                answer = try await vendor.register(register)
            case .heartbeat(let heartbeat):
                let installation = try await signer(heartbeat.installationID, request, body)
                answer = try await vendor.renew(heartbeat, of: installation)
            case .release(let release):
                let installation = try await signer(
                    release.installationID, request, body, mayBeReleased: true)
                answer = try await vendor.release(installation)
            }
        } catch let error as LicenseError {
            throw GatewayError(refusing: error)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(bytes: answer.body.reveal()))
    }

    /// The whole body.
    ///
    /// - Throws: what says that it is too long; ``GatewayError`` 400 `gateway.request-malformed` when
    ///   the connection broke or what came is no body.
    private func body(of request: Request) async throws -> [UInt8] {
        do {
            return Array(
                try await request.body.collect(upTo: Self.maximumBody).readableBytesView)
        } catch let error as any HTTPResponseError {
            throw error
        } catch {
            throw GatewayError(
                .badRequest, .requestMalformed, "The body did not come to its end.", cause: error)
        }
    }

    /// The installation that signed the body; a released one only where it may ask again.
    ///
    /// - Throws: ``GatewayError`` 404 `license.installation-not-found`, 401
    ///   `license.check-in-signature`.
    private func signer(
        _ id: String, _ request: Request, _ body: [UInt8], mayBeReleased: Bool = false
    ) async throws -> InstallationRecord {
        guard let installation = try await vendor.records.installations.installation(id: id),
            mayBeReleased || installation.released == nil
        else {
            throw GatewayError(
                .notFound, .installationUnknown,
                "The gateway has no installation \(id.prefix(64)) that holds a license.")
        }
        let name = HTTPField.Name(CheckInSignature.headerName)
        guard let signature = name.flatMap({ request.headers[$0] }),
            CheckInSignature.isValid(
                signature, body: body, secret: vendor.keys.installationSecret(id))
        else {
            throw GatewayError(
                .unauthorized, .checkInSignatureInvalid,
                "The check-in is not signed with the secret of installation \(id.prefix(64)).")
        }
        return installation
    }
}

extension GatewayError {
    /// A refusal of the license domain, with the status that fits its code.
    fileprivate init(refusing error: LicenseError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .licenseKeyInvalid: .notFound
            case .licenseKeyMismatch: .conflict
            case .licenseSuspended, .licenseRevoked, .licenseExpired: .forbidden
            case .licenseKeyFormat, .licenseCheckIn: .badRequest
            default: .internalServerError
            }
        self.init(status, error.code, error.message, remedy: error.remedy, cause: error.cause)
    }
}
