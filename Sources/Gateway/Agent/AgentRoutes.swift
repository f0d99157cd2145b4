import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Licensing
import Storage

/// The check-in of installations: one address, and nothing else to open in a firewall.
///
/// register binds a license to an instance, rebind moves it to another, heartbeat renews its token,
/// release frees it. Asked again, the same question gets the same answer: a lost response strands
/// nobody. Version 0 is NocoDB's and answered in `NocoDB/`.
struct AgentRoutes: Sendable {
    let vendor: Vendor

    /// Bodies are read up to here, in bytes: a heartbeat that lists a thousand plugins.
    private static let maximumBody = 1 << 20

    @Sendable func answer(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let body = try await request.bytes(upTo: Self.maximumBody)
        let answer: CheckInResponse
        do {
            let fields = try CheckInRequest.fields(of: body)
            if NocoDBRequest.isVersion(of: fields) {
                return try await NocoDBRoutes(vendor: vendor).answer(body, fields)
            }
            switch try CheckInRequest(fields: fields) {
            case .register(let register):
                answer = try await vendor.register(register)
            case .rebind(let rebind):
                answer = try await vendor.register(rebind, for: .rebinding)
            case .heartbeat(let heartbeat):
                try await checkSignature(of: heartbeat.installationID, request, body)
                guard let renewed = try await vendor.renew(heartbeat) else {
                    throw try await unknown(heartbeat.installationID)
                }
                answer = renewed
            case .release(let release):
                let id = release.installationID
                try await checkSignature(of: id, request, body)
                guard
                    let installation = try await vendor.records.installations.installation(id: id)
                else { throw try await unknown(id) }
                answer = try await vendor.release(installation)
            }
        } catch let error as LicenseError {
            throw GatewayError(refusing: error)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(bytes: answer.body.reveal()))
    }

    /// Throws unless the installation signed the body.
    ///
    /// Its secret follows from its ID, so that nothing is looked up for those that did.
    ///
    /// - Throws: ``GatewayError`` 401 `license.check-in-signature`, 404
    ///   `license.installation-not-found`.
    private func checkSignature(
        of id: String, _ request: Request, _ body: [UInt8]
    ) async throws {
        let name = HTTPField.Name(CheckInSignature.headerName)
        if let signature = name.flatMap({ request.headers[$0] }),
            CheckInSignature.isValid(
                signature, body: body, secret: vendor.keys.installationSecret(id))
        {
            return
        }
        guard try await vendor.records.installations.installation(id: id) != nil else {
            throw try await unknown(id)
        }
        throw GatewayError(
            .unauthorized, .checkInSignatureInvalid,
            "The check-in is not signed with the secret of installation \(id.prefix(64)).")
    }

    /// That the installation holds no license, and since when.
    private func unknown(_ id: String) async throws -> GatewayError {
        let known = try await vendor.records.installations.installation(id: id)
        let sentence =
            if let released = known?.released {
                "The installation \(id) was freed from its license at \(released.wireText)."
            } else if let end = known?.validUntil {
                """
                The license of installation \(id) moved to another instance; it held here until \
                \(end.wireText).
                """
            } else {
                "The gateway has no installation \(id.prefix(64)) that holds a license."
            }
        return GatewayError(.notFound, .installationUnknown, sentence)
    }
}

extension GatewayError {
    /// A refusal of the license domain, with the status that fits its code.
    fileprivate init(refusing error: LicenseError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .licenseKeyInvalid: .notFound
            case .licenseKeyMismatch, .licenseRebindLimit: .conflict
            case .licenseSuspended, .licenseRevoked, .licenseExpired: .forbidden
            case .licenseKeyFormat, .licenseCheckIn: .badRequest
            default: .internalServerError
            }
        self.init(status, error.code, error.message, remedy: error.remedy, cause: error.cause)
    }
}
