package import CanonicalJSON
import Cryptography
import Diagnostics
import HTTPTransfer
import Licensing
import Packages

/// What the gateway answered to a check-in, its token verified.
typealias CheckInAnswer = (response: CheckInResponse, token: VerifiedLicenseToken)

/// The questions to `POST /api/v1/on-premise/agent`, and what an answer must prove before it counts.
extension LicenseSession {
    private static let path = "api/v1/on-premise/agent"

    func register(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor
    ) async throws -> CheckInAnswer {
        let request = registration(key)
        return try await activate(request, request.body.reveal(), gateway, vendor)
    }

    func sendRebind(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor
    ) async throws -> CheckInAnswer {
        let request = registration(key)
        return try await activate(request, request.rebindBody.reveal(), gateway, vendor)
    }

    private func registration(_ key: LicenseKey) -> RegisterRequest {
        RegisterRequest(
            key: key, instance: identity.id,
            facts: identity.facts.salted(with: SecureRandom.bytes(16)), environment: environment,
            nonce: Self.makeNonce())
    }

    private func activate(
        _ request: RegisterRequest, _ body: [UInt8], _ gateway: GatewayClient,
        _ vendor: TrustedVendor
    ) async throws -> CheckInAnswer {
        let answer = try await send(body, headers: [], request.nonce, gateway, vendor)
        try answer.token.requireActivation(of: request.key, nonce: request.nonce)
        return answer
    }

    mutating func sendHeartbeat(
        of installation: SavedState.Installation, _ gateway: GatewayClient,
        _ vendor: TrustedVendor
    ) async throws -> CheckInAnswer {
        // Counted before it is sent, so that no number is used twice after a kill.
        var counted = installation
        counted.counter += 1
        state.replace(counted)
        try saved.save(state)
        let request = try heartbeat(of: counted)
        let body = request.json.compactBytes
        let answer = try await send(
            body, headers: [signature(of: body, by: installation)], request.nonce, gateway, vendor)
        // The nonce proves that the answer is new, not whose it is.
        guard answer.token.claims.licenseID == installation.licenseID else {
            throw LicenseError(
                .licenseReplayed,
                """
                The answer is of license \(answer.token.claims.licenseID); this installation \
                belongs to \(installation.licenseID).
                """)
        }
        return answer
    }

    /// Frees the instance; asked again, the gateway says so again.
    func release(
        _ installation: SavedState.Installation, _ gateway: GatewayClient
    ) async throws {
        let body = ReleaseRequest(installationID: installation.id, nonce: Self.makeNonce())
            .json.compactBytes
        do {
            _ = try await gateway.post(
                Self.path, body, headers: [signature(of: body, by: installation)])
        } catch {
            let refusal = GatewayRefusal(error)
            // Nobody is bound who is not known.
            guard refusal?.code != .installationUnknown else { return }
            throw refusal ?? error
        }
    }

    /// What the next check-ins would send, one for each license with a key, its secrets masked.
    package func payloads() throws -> [JSONValue] {
        try keys.map { key in
            if let installation = installation(of: key) {
                var counted = installation
                counted.counter += 1
                return try heartbeat(of: counted).json
            }
            var members = try JSONReader(parseJSON(registration(key).body.reveal())).object()
            members["license_key"] = .string("\(key)")
            return .object(members)
        }
    }

    private func heartbeat(
        of installation: SavedState.Installation
    ) throws -> HeartbeatRequest {
        HeartbeatRequest(
            installationID: installation.id, counter: installation.counter,
            environment: environment, plugins: try installedPlugins(),
            mismatches: try lastMismatches(), seats: try saved.seatsInUse(),
            nonce: Self.makeNonce())
    }

    private func signature(
        of body: [UInt8], by installation: SavedState.Installation
    ) -> HTTPHeader {
        HTTPHeader(
            CheckInSignature.headerName,
            CheckInSignature.make(body: body, secret: installation.secret))
    }

    private func installedPlugins() throws -> [HeartbeatRequest.InstalledPlugin] {
        try ReceiptStore(in: settings.storage.receipts).all().map { receipt in
            HeartbeatRequest.InstalledPlugin(
                name: receipt.name.description, version: receipt.version.description)
        }
    }

    /// The mismatches of the last run, for the vendor's support.
    private func lastMismatches() throws -> [HeartbeatRequest.ReportedMismatch] {
        guard let bytes = try settings.storage.readOwn(settings.storage.report) else { return [] }
        return Report.mismatches(in: bytes).map { name, reason in
            HeartbeatRequest.ReportedMismatch(name: name, reason: reason)
        }
    }

    private func send(
        _ body: [UInt8], headers: [HTTPHeader], _ nonce: String, _ gateway: GatewayClient,
        _ vendor: TrustedVendor
    ) async throws -> CheckInAnswer {
        let answer: HTTPResponse
        do {
            answer = try await gateway.post(Self.path, body, headers: headers)
        } catch {
            throw GatewayRefusal(error) ?? error
        }
        let response = try CheckInResponse(body: answer.body)
        guard let text = response.licenseToken else {
            throw LicenseError(.licenseCheckIn, "The gateway's answer has no license token.")
        }
        let token = try UnverifiedLicenseToken(text.reveal()).verified(by: vendor.licenseKeys)
        try token.requireAnswer(to: nonce)
        try requireNotOlder(token)
        return (response, token)
    }

    /// A gateway that was put back, or somebody who answers in its place, does not undo a change of
    /// the license.
    private func requireNotOlder(_ token: VerifiedLicenseToken) throws(LicenseError) {
        let seen = state.memory.highestSequence[token.claims.licenseID] ?? 0
        guard token.claims.sequence >= seen else {
            throw LicenseError(
                .licenseReplayed,
                """
                The gateway's token has sequence \(token.claims.sequence); \(seen) was seen before.
                """)
        }
    }

    private var environment: CheckInEnvironment {
        CheckInEnvironment(
            applicationVersion: settings.applicationVersion?.description, platform: Self.platform,
            pkgVersion: programVersion, domains: settings.domains.map(\.description))
    }

    private static func makeNonce() -> String {
        Base64URL.encode(SecureRandom.bytes(16))
    }

    private static let platform: String = {
        #if arch(x86_64)
            "linux/x86_64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux"
        #endif
    }()
}
