import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Packages

/// The check-in: one request, a fresh token back.
extension LicenseSession {
    private typealias Answer = (response: CheckInResponse, token: VerifiedLicenseToken)

    /// Whether the gateway should be asked: nothing is known yet, the key or the instance is
    /// another, nothing is in force, or the token's own policy says so.
    func isCheckInDue(_ license: CurrentLicense) -> Bool {
        guard key != nil else { return false }
        guard isActivated, license.status.permitsNewDownloads,
            let policy = license.tokens.compactMap(\.claims.checkIn).first
        else { return !isActivated || !license.status.permitsNewDownloads }
        // A license that warns may have been renewed: asked as often as after a failure.
        let isQuiet = license.status.state == .active && license.status.warnings.isEmpty
        let interval = isQuiet ? policy.interval : policy.retry
        return state.memory.isCheckInDue(
            CheckInPolicy(interval: interval, retry: policy.retry, lease: policy.lease), now: now)
    }

    /// Remembers that a check-in was due and the gateway could not be asked.
    ///
    /// - Returns: How the license stands by what is saved; nil when nothing is.
    mutating func missCheckIn(because error: any Error) throws -> CurrentLicense? {
        guard let keys = try saved.licenseKeys() else { return nil }
        let license = try current(verifiedBy: keys)
        guard !license.tokens.isEmpty else { return nil }
        if isCheckInDue(license) {
            state.memory.recordFailedCheckIn(at: now, code: anyFailure(error).code.name)
            try saved.save(state)
        }
        return try current(verifiedBy: keys)
    }

    /// Asks the gateway for a fresh token; verifies and keeps it.
    ///
    /// - Returns: How the license stands with it, and with the tokens of other licenses.
    /// - Throws: ``GatewayRefusal``, ``NetworkError``, ``LicenseError``; the failure is remembered,
    ///   and the saved token holds for its lease.
    mutating func checkIn(
        _ gateway: GatewayClient, _ vendor: TrustedVendor
    ) async throws -> CurrentLicense {
        guard let key else { throw noLicense }
        let environment = CheckInEnvironment(
            applicationVersion: settings.applicationVersion?.description, platform: Self.platform,
            pkgVersion: programVersion)
        do {
            let answer =
                if isActivated {
                    try await sendHeartbeat(gateway, vendor, environment)
                } else {
                    try await register(key, gateway, vendor, environment)
                }
            state.memory.remember(answer.token, now: now)
            state.memory.recordCheckIn(at: now, serverTime: answer.response.serverTime)
            try saved.saveToken(answer.token)
            try saved.save(state)
            return try current(verifiedBy: vendor.licenseKeys, isFresh: true)
        } catch {
            state.memory.recordFailedCheckIn(at: now, code: anyFailure(error).code.name)
            try saved.save(state)
            throw error
        }
    }

    private mutating func register(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor,
        _ environment: CheckInEnvironment
    ) async throws -> Answer {
        let nonce = Self.makeNonce()
        let request = RegisterRequest(
            key: key, instance: identity.id,
            facts: identity.facts.salted(with: SecureRandom.bytes(16)), environment: environment,
            nonce: nonce)
        let answer = try await send(
            request.body.reveal(), headers: [], nonce, gateway, vendor)
        guard let installation = answer.response.installation else {
            throw LicenseError(
                .licenseCheckIn, "The gateway's answer to the activation names no installation.")
        }
        // The tokens of another key are no longer this instance's; without a state nobody knows.
        if let present = state.installation, present.keyDigest != key.lookupDigest {
            try saved.removeTokens()
        }
        state.installation = SavedState.Installation(
            id: installation.id, licenseID: answer.token.claims.licenseID,
            secret: installation.secret, keyDigest: key.lookupDigest,
            instanceID: identity.id)
        state.counter = 0
        return answer
    }

    private mutating func sendHeartbeat(
        _ gateway: GatewayClient, _ vendor: TrustedVendor, _ environment: CheckInEnvironment
    ) async throws -> Answer {
        guard let installation = state.installation else {
            throw LicenseError(.licenseState, "There is no installation to check in for.")
        }
        // Counted before it is sent, so that no number is used twice after a kill.
        state.counter += 1
        try saved.save(state)
        let nonce = Self.makeNonce()
        let body = HeartbeatRequest(
            installationID: installation.id, counter: state.counter, environment: environment,
            plugins: try installedPlugins(), mismatches: try lastMismatches(), nonce: nonce
        ).json.compactBytes
        let signature = CheckInSignature.make(body: body, secret: installation.secret)
        let answer = try await send(
            body, headers: [HTTPHeader(CheckInSignature.headerName, signature)], nonce, gateway,
            vendor)
        let token = answer.token
        // The nonce proves that the answer is new, not whose it is.
        guard token.claims.licenseID == installation.licenseID else {
            throw LicenseError(
                .licenseReplayed,
                """
                The answer is of license \(token.claims.licenseID); this installation belongs to \
                \(installation.licenseID).
                """)
        }
        return answer
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

    private mutating func send(
        _ body: [UInt8], headers: [HTTPHeader], _ nonce: String, _ gateway: GatewayClient,
        _ vendor: TrustedVendor
    ) async throws -> Answer {
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
