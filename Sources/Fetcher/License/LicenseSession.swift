package import CanonicalJSON
import Cryptography
package import Diagnostics
package import FoundationEssentials
import HTTPTransfer
package import Licensing

/// The license of this instance during one run: what is saved, what the gateway says, how it stands.
///
/// Every token that counts is verified here and now, by the vendor's license keys; where it came
/// from makes no difference.
package struct LicenseSession: Sendable {
    let settings: Settings
    package let identity: Identity
    let saved: SavedLicense
    /// The license key to activate with; nil when none is set or saved.
    let key: LicenseKey?
    let now: Date
    var state: SavedState

    /// Reads what is set and saved; needs no network.
    ///
    /// - Throws: `license.key-format` for a key that cannot be one, ``DiskError``.
    package init(_ settings: Settings, now: Date) throws {
        self.settings = settings
        self.now = now
        saved = SavedLicense(settings.storage)
        identity = try Identity.establish(in: settings)
        key = try (settings.licenseKey ?? saved.key()).map { try LicenseKey($0.reveal()) }
        state = try saved.state()
    }

    private init(_ session: LicenseSession, key: LicenseKey) {
        settings = session.settings
        identity = session.identity
        saved = session.saved
        now = session.now
        state = session.state
        self.key = key
    }

    /// Whether the key was activated already: the saved installation is this key's and instance's.
    var isActivated: Bool {
        guard let key, let installation = state.installation else { return false }
        return installation.keyDigest == key.lookupDigest && installation.instanceID == identity.id
    }

    // MARK: Without a network

    /// The saved tokens that the saved license keys verify.
    ///
    /// - Throws: ``LicenseError`` for a token that they do not, `license.key-not-found` when there
    ///   is no license at all.
    package func savedTokens() throws -> [VerifiedLicenseToken] {
        let (tokens, refusals) = try tokens(verifiedBy: saved.licenseKeys() ?? LicenseKeySet())
        if let refusal = refusals.first { throw refusal }
        return tokens
    }

    /// How the license stands by what is saved.
    package func savedStatus() throws -> LicenseStatus {
        try current(savedTokens()).status
    }

    /// For `pkg license status --json`.
    package func json(of status: LicenseStatus) -> JSONValue {
        guard case .object(var json) = status.json else { return status.json }
        json["schema"] = 1
        json["instance_id"] = .string(identity.id.description)
        return .object(json)
    }

    // MARK: With the gateway

    /// Activates another key, and keeps it when the gateway and the vendor's signature agree.
    ///
    /// - Throws: `license.*`, `trust.*`, ``NetworkError``, ``DiskError``; nothing is kept then but a
    ///   root that the key vouches for.
    package func activate(
        _ text: Secret<String>, trustsOnFirstUse: Bool
    ) async throws -> LicenseStatus {
        if settings.licenseKey != nil {
            throw LicenseError(
                .licenseKeyInvalid,
                "A license key is set in the environment or in pkg.yaml, and wins over a saved one.",
                remedy: "Change or remove TOLLGATE_LICENSE_KEY there.")
        }
        var session = LicenseSession(self, key: try LicenseKey(text.reveal()))
        let status = try await session.checkInNow(trustsOnFirstUse: trustsOnFirstUse)
        try saved.saveKey(Secret(session.key?.text.reveal() ?? ""))
        return status
    }

    /// Checks in whether it is due or not.
    package func refresh() async throws -> LicenseStatus {
        var session = self
        return try await session.checkInNow(trustsOnFirstUse: false)
    }

    private mutating func checkInNow(trustsOnFirstUse: Bool) async throws -> LicenseStatus {
        let gateway = try GatewayClient(settings)
        let result: Result<LicenseStatus, any Error>
        do {
            let trust = try await VendorTrust(
                settings, gateway, key: isActivated ? nil : key,
                trustOnFirstUse: trustsOnFirstUse, now: now)
            let vendor = try await trust.refresh()
            result = .success(try await checkIn(gateway, vendor, plugins: []).status)
        } catch {
            result = .failure(error)
        }
        await gateway.shutDown()
        return try result.get()
    }

    /// The tokens that are saved: those that these keys verify, and why the others are refused.
    ///
    /// - Throws: `license.key-not-found` when there is no license at all.
    func tokens(
        verifiedBy keys: LicenseKeySet
    ) throws -> (verified: [VerifiedLicenseToken], refusals: [LicenseError]) {
        var verified: [VerifiedLicenseToken] = []
        var refusals: [LicenseError] = []
        for token in try saved.tokens() {
            do throws(LicenseError) {
                verified.append(try token.verified(by: keys))
            } catch {
                refusals.append(error)
            }
        }
        if verified.isEmpty, refusals.isEmpty, key == nil { throw noLicense }
        return (verified, refusals)
    }

    var noLicense: LicenseError {
        LicenseError(
            .licenseKeyNotFound,
            "Neither TOLLGATE_LICENSE_KEY nor \(settings.storage.license) has a license key.")
    }

    func current(_ tokens: [VerifiedLicenseToken]) -> CurrentLicense {
        CurrentLicense(
            status: evaluate(
                tokens, instance: identity.id, facts: identity.facts, memory: state.memory,
                now: now),
            tokens: tokens)
    }
}
