import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing

/// The check-in: one request, a fresh token back.
extension LicenseSession {
    /// Whether the gateway should be asked: nothing is known yet, the key or the instance is
    /// another, or the token's own policy says so.
    func isCheckInDue(_ tokens: [VerifiedLicenseToken]) -> Bool {
        guard key != nil else { return false }
        guard isActivated, let policy = tokens.first?.claims.checkIn else {
            return !isActivated || tokens.isEmpty
        }
        let isInForce = current(tokens).status.permitsNewDownloads
        return !isInForce || state.memory.isCheckInDue(policy, now: now)
    }

    /// Remembers that a check-in was due and the gateway could not be asked.
    ///
    /// - Returns: How the license stands by what is saved; nil when nothing is.
    mutating func missCheckIn(because error: any Error) throws -> CurrentLicense? {
        guard let keys = try saved.licenseKeys() else { return nil }
        let tokens = try tokens(verifiedBy: keys).verified
        guard !tokens.isEmpty else { return nil }
        if isCheckInDue(tokens) {
            state.memory.recordFailedCheckIn(at: now, code: anyFailure(error).code.name)
            try saved.save(state)
        }
        return current(tokens)
    }

    /// Asks the gateway for a fresh token; verifies and keeps it.
    ///
    /// - Returns: How the license stands with it.
    /// - Throws: ``GatewayRefusal``, ``NetworkError``, ``LicenseError``; the failure is remembered,
    ///   and the saved token holds for its lease.
    mutating func checkIn(
        _ gateway: GatewayClient, _ vendor: TrustedVendor,
        plugins: [HeartbeatRequest.InstalledPlugin],
        mismatches: [HeartbeatRequest.ReportedMismatch] = [], applicationVersion: String? = nil
    ) async throws -> CurrentLicense {
        guard let key else { throw noLicense }
        let environment = CheckInEnvironment(
            applicationVersion: applicationVersion, platform: Self.platform,
            pkgVersion: programVersion)
        do {
            let token =
                if isActivated {
                    try await sendHeartbeat(
                        gateway, vendor, environment, plugins: plugins, mismatches: mismatches)
                } else {
                    try await register(key, gateway, vendor, environment)
                }
            try saved.saveToken(token)
            try saved.save(state)
            return current([token])
        } catch {
            state.memory.recordFailedCheckIn(at: now, code: anyFailure(error).code.name)
            try saved.save(state)
            throw error
        }
    }

    private mutating func register(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor,
        _ environment: CheckInEnvironment
    ) async throws -> VerifiedLicenseToken {
        let nonce = Self.makeNonce()
        let request = RegisterRequest(
            key: key, instance: identity.id,
            facts: identity.facts.salted(with: SecureRandom.bytes(16)), environment: environment,
            nonce: nonce)
        let (response, token) = try await send(
            request.body.reveal(), headers: [], nonce, gateway, vendor)
        guard let installation = response.installation else {
            throw LicenseError(
                .licenseCheckIn, "The gateway's answer to the activation names no installation.")
        }
        // The tokens of another key are no longer this instance's.
        if state.installation?.keyDigest != key.lookupDigest { try saved.removeTokens() }
        state.installation = SavedState.Installation(
            id: installation.id, secret: installation.secret, keyDigest: key.lookupDigest,
            instanceID: identity.id)
        state.counter = 0
        return token
    }

    private mutating func sendHeartbeat(
        _ gateway: GatewayClient, _ vendor: TrustedVendor, _ environment: CheckInEnvironment,
        plugins: [HeartbeatRequest.InstalledPlugin],
        mismatches: [HeartbeatRequest.ReportedMismatch]
    ) async throws -> VerifiedLicenseToken {
        guard let installation = state.installation else {
            throw LicenseError(.licenseState, "There is no installation to check in for.")
        }
        // Counted before it is sent, so that no number is used twice after a kill.
        state.counter += 1
        try saved.save(state)
        let nonce = Self.makeNonce()
        let body = HeartbeatRequest(
            installationID: installation.id, counter: state.counter, environment: environment,
            plugins: plugins, mismatches: mismatches, nonce: nonce
        ).json.compactBytes
        let signature = CheckInSignature.make(body: body, secret: installation.secret)
        return try await send(
            body, headers: [HTTPHeader(CheckInSignature.headerName, signature)], nonce, gateway,
            vendor
        ).token
    }

    private mutating func send(
        _ body: [UInt8], headers: [HTTPHeader], _ nonce: String, _ gateway: GatewayClient,
        _ vendor: TrustedVendor
    ) async throws -> (response: CheckInResponse, token: VerifiedLicenseToken) {
        let answer: HTTPResponse
        do {
            answer = try await gateway.post("api/v1/on-premise/agent", body, headers: headers)
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
        state.memory.remember(token, now: now)
        state.memory.recordCheckIn(at: now, serverTime: response.serverTime)
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
