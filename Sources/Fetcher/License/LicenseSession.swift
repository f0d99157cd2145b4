import CanonicalJSON
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

    /// Reads what is set and saved; asks the application's database and nobody else.
    ///
    /// - Throws: `license.key-format` for a key that cannot be one, `database.*`, ``DiskError``.
    package init(
        _ settings: Settings, now: Date,
        announce: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        self.settings = settings
        self.now = now
        saved = SavedLicense(settings.storage)
        identity = try await Identity.establish(in: settings, announce: announce)
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

    var noLicense: LicenseError {
        LicenseError(
            .licenseKeyNotFound,
            "Neither TOLLGATE_LICENSE_KEY nor \(settings.storage.license) has a license key.")
    }

    // MARK: Without a network

    /// How the license stands by what is saved, judged by the saved license keys.
    ///
    /// - Throws: `license.key-not-found` when there is no license at all; a refusal when no saved
    ///   token can be verified.
    package func savedLicense() throws -> CurrentLicense {
        let license = try current(verifiedBy: try saved.licenseKeys() ?? LicenseKeySet())
        if license.tokens.isEmpty, let refusal = try refusals(by: saved.licenseKeys()).first {
            throw refusal
        }
        return license
    }

    /// The claims of the saved tokens that can be verified.
    package func savedClaims() throws -> [LicenseClaims] {
        try savedLicense().tokens.map(\.claims)
    }

    /// What to know beside the status: saved files that are damaged, tokens that are refused.
    package func notices() throws -> [String] {
        try identity.notices + saved.damage().map { "\($0)" }
            + refusals(by: saved.licenseKeys()).map { "a saved license token is refused: \($0)" }
    }

    /// Whether a key is set or saved that this instance was never activated with.
    package var awaitsActivation: Bool { key != nil && !isActivated }

    // MARK: With the gateway

    /// Activates another key, and keeps it when the gateway and the vendor's signature agree.
    ///
    /// - Throws: `license.*`, `trust.*`, ``NetworkError``, ``DiskError``; nothing is kept then but a
    ///   root that the key vouches for.
    package func activate(
        _ text: Secret<String>, trustsOnFirstUse: Bool
    ) async throws -> LicenseStatus {
        guard settings.licenseKey == nil else {
            throw UsageError(
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

    /// How long a person at a terminal waits for the gateway.
    private static let patience = Duration.seconds(30)

    private mutating func checkInNow(trustsOnFirstUse: Bool) async throws -> LicenseStatus {
        let gateway = try GatewayClient(settings, deadline: .now + Self.patience)
        let result: Result<LicenseStatus, any Error>
        do {
            let trust = try await VendorTrust(
                settings, gateway, firstRoot(acceptedUnseen: trustsOnFirstUse), now: now)
            let vendor = try await trust.refresh()
            result = .success(try await checkIn(gateway, vendor).status)
        } catch {
            result = .failure(error)
        }
        await gateway.shutDown()
        return try result.get()
    }

    /// What vouches for the first root: the key, while it is being activated.
    func firstRoot(acceptedUnseen: Bool) -> FirstRoot {
        acceptedUnseen ? .acceptedUnseen : .vouchedFor(by: isActivated ? nil : key)
    }

    // MARK: Judging

    /// The saved tokens that these keys verify, judged together.
    ///
    /// - Throws: `license.key-not-found` when there is no license at all.
    func current(
        verifiedBy keys: LicenseKeySet, isFresh: Bool = false
    ) throws -> CurrentLicense {
        let unverified = try saved.tokens()
        let tokens = unverified.compactMap { try? $0.verified(by: keys) }
        if unverified.isEmpty, key == nil { throw noLicense }
        return CurrentLicense(
            evaluate(
                tokens, instance: identity.id, facts: identity.facts, memory: state.memory,
                now: now),
            tokens, isFresh: isFresh,
            hasRefusedTokens: tokens.count < unverified.count || !saved.damage().isEmpty)
    }

    /// Why saved tokens are not believed.
    func refusals(by keys: LicenseKeySet?) throws -> [LicenseError] {
        var refusals: [LicenseError] = []
        for token in try saved.tokens() {
            do throws(LicenseError) {
                _ = try token.verified(by: keys ?? LicenseKeySet())
            } catch {
                refusals.append(error)
            }
        }
        return refusals
    }
}
