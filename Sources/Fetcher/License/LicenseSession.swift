import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
import HTTPTransfer
import Licensing

/// The licenses of this instance during one run: what is given and saved, what the gateway says, how
/// they stand.
///
/// Every token that counts is verified here and now, by the vendor's license keys; where it came
/// from makes no difference. What is set in the environment wins: then saved keys are not used, and
/// nothing saved is changed but by check-ins.
package struct LicenseSession: Sendable {
    let settings: Settings
    package let identity: Identity
    let saved: SavedLicense
    /// The license keys in use.
    let keys: [LicenseKey]
    /// Tokens that are set in the environment, where keys can be too.
    let givenTokens: [UnverifiedLicenseToken]
    let now: Date
    var state: SavedState
    /// A token that a bundle brought and that is not saved, as in a dry run.
    var brought: UnverifiedLicenseToken?
    /// The licenses that the gateway stated in this run.
    var stated: Set<String> = []

    /// Reads what is set and saved; asks the application's database and nobody else.
    ///
    /// - Parameters:
    ///   - settings: what the person or the container said
    ///   - now: the time that every expiry is compared with
    ///   - announce: told when the database is waited for
    /// - Throws: `license.key-format`, `license.token-format` for what is set and cannot be a license,
    ///   `database.*`, ``DiskError``.
    package init(
        _ settings: Settings, now: Date,
        announce: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        let identity = try await Identity.establish(in: settings, announce: announce)
        try self.init(settings, identity: identity, now: now)
    }

    /// The same for an instance that is known: the database is not asked again.
    ///
    /// - Throws: as ``init(_:now:announce:)`` but for `database.*`.
    package init(_ settings: Settings, identity: Identity, now: Date) throws {
        self.settings = settings
        self.identity = identity
        self.now = now
        saved = SavedLicense(settings.storage)
        state = try saved.state()
        guard let given = try settings.givenLicenses() else {
            keys = try saved.keys()
            givenTokens = []
            return
        }
        var keys: [LicenseKey] = []
        var tokens: [UnverifiedLicenseToken] = []
        for input in given {
            switch input {
            case .key(let key): keys.append(key)
            case .token(let token): tokens.append(token)
            }
        }
        self.keys = keys
        givenTokens = tokens
    }

    /// What is saved now, for the same instance at the same time.
    package func readAgain() throws -> LicenseSession {
        try LicenseSession(settings, identity: identity, now: now)
    }

    /// The same session with one key and no other.
    init(_ session: LicenseSession, only key: LicenseKey) {
        settings = session.settings
        identity = session.identity
        saved = session.saved
        now = session.now
        state = session.state
        keys = [key]
        givenTokens = []
    }

    /// Whether a license is set in the environment or in `pkg.yaml`: nothing saved can be changed.
    package var isReadOnly: Bool { settings.licenseKey != nil }

    /// The installation of a key that was activated for this instance, or nil.
    func installation(of key: LicenseKey) -> SavedState.Installation? {
        state.installation(of: key).flatMap { $0.instanceID == identity.id ? $0 : nil }
    }

    /// Whether every key was activated for this instance.
    var isActivated: Bool { keys.allSatisfy { installation(of: $0) != nil } }

    /// Whether a key is set or saved that this instance was never activated with.
    package var awaitsActivation: Bool { !isActivated }

    var noLicense: LicenseError {
        if !isReadOnly, !saved.damage().isEmpty {
            return LicenseError(
                .licenseState,
                "Nothing in \(settings.storage.license) can be read as a license key or token.",
                remedy: "Add the license again: `pkg license add`.")
        }
        return LicenseError(
            .licenseKeyNotFound,
            "Neither TOLLGATE_LICENSE_KEY nor \(settings.storage.license) has a license key.")
    }

    /// Why there is no token though there is a key.
    private var noToken: LicenseError {
        guard !isActivated else {
            return LicenseError(.licenseState, "There is no token of the license here.")
        }
        return LicenseError(
            .licenseKeyNotFound,
            """
            The license key that is \(isReadOnly ? "set" : "saved") is not activated for the \
            instance \(identity.id) yet.
            """,
            remedy: """
                Run `pkg license refresh`, which activates it; when another instance holds the \
                license, `pkg license rebind` moves it here.
                """)
    }

    /// What vouches for the first root: a key that is being activated, or else one that was, when
    /// the root that it vouched for then is lost.
    func firstRoot(acceptedUnseen: Bool) -> FirstRoot {
        if acceptedUnseen { return .acceptedUnseen }
        if let key = keys.first(where: { installation(of: $0) == nil }) {
            return .vouchedFor(by: key)
        }
        return keys.first.map { .restored(by: $0) } ?? .vouchedFor(by: nil)
    }

    // MARK: Judging

    /// Whether any token is set or saved, believed or not.
    var hasTokens: Bool {
        get throws { isReadOnly ? !givenTokens.isEmpty : try !saved.tokens().isEmpty }
    }

    /// The tokens that count: those that are set, and the saved ones but for those of licenses that
    /// the environment overrides.
    private func tokens(by verifying: LicenseKeySet) throws -> [UnverifiedLicenseToken] {
        let brought = [brought].compactMap(\.self)
        guard isReadOnly else { return try saved.tokens() + brought }
        let given = givenTokens.verified(by: verifying).map(\.claims.licenseID)
        return try givenTokens + brought
            + saved.tokens(without: overriddenLicenses(by: verifying).union(given))
    }

    /// The saved licenses, of keys and offline ones, that are not in use while another is set.
    func overriddenLicenses(by verifying: LicenseKeySet) throws -> Set<String> {
        guard isReadOnly else { return [] }
        let used = Set(keys.map(\.lookupDigest))
        let left = state.installations.filter { !used.contains($0.keyDigest) }.map(\.licenseID)
        let offline = try saved.tokens().verified(by: verifying).map(\.claims)
            .filter { $0.mode == .offline }.map(\.licenseID)
        return Set(left + offline)
            .subtracting(givenTokens.verified(by: verifying).map(\.claims.licenseID))
    }

    /// How the licenses stand by what is saved, without a network.
    ///
    /// - Throws: `license.key-not-found` when there is no license at all; a refusal when no saved
    ///   token can be verified.
    package func savedLicense() throws -> CurrentLicense {
        let verifying = try verificationKeys()
        let license = try current(verifiedBy: verifying)
        if license.tokens.isEmpty, let refusal = try refusals(by: verifying).first {
            throw refusal
        }
        return license
    }

    /// The tokens that these keys verify, judged together.
    ///
    /// - Throws: `license.key-not-found` when there is no license at all.
    func current(verifiedBy verifying: LicenseKeySet) throws -> CurrentLicense {
        let unverified = try tokens(by: verifying)
        let tokens = unverified.verified(by: verifying)
        if unverified.isEmpty, keys.isEmpty { throw noLicense }
        let isFresh = tokens.allSatisfy {
            $0.claims.mode != .standard || stated.contains($0.claims.licenseID)
        }
        let status = evaluate(
            tokens, instance: identity.id, facts: identity.facts, memory: state.memory,
            seatsInUse: try saved.seatsInUse(), servedAt: settings.domains, now: now)
        return CurrentLicense(
            unverified.isEmpty ? status.failing(with: noToken) : status, tokens,
            isStatedAfresh: isFresh,
            unknown: try unknown(
                isAnyRefused: tokens.count < unverified.count,
                isAnyOverridden: !overriddenLicenses(by: verifying).isEmpty))
    }

    /// Why what is known of the licenses may not be all; nil when it is.
    private func unknown(isAnyRefused: Bool, isAnyOverridden: Bool) -> String? {
        if isAnyRefused || !saved.damage().isEmpty {
            "a saved license token is refused and may be the one that has it"
        } else if !isActivated {
            "a license key is not activated here and may be the one that has it"
        } else if isAnyOverridden {
            "a saved license that the one in the environment overrides may have it"
        } else {
            nil
        }
    }

    /// Why saved tokens are not believed.
    func refusals(by verifying: LicenseKeySet) throws -> [LicenseError] {
        var refusals: [LicenseError] = []
        for token in try tokens(by: verifying) {
            do throws(LicenseError) {
                _ = try token.verified(by: verifying)
            } catch {
                refusals.append(error)
            }
        }
        return refusals
    }

    /// What to know beside the status: saved files that are damaged, tokens that are refused, saved
    /// licenses that are not used, what the gateway's last answers told.
    package func notices() throws -> [String] { try notices(verifying: verificationKeys()) }

    /// The same with the vendor's keys at hand.
    func notices(verifying: LicenseKeySet) throws -> [String] {
        var notices = identity.notices
        notices += keys.compactMap(installation).flatMap(\.notices)
            .map { "the gateway says: \($0)" }
        notices += saved.damage().map { "\($0)" }
        notices += try refusals(by: verifying).map {
            "a saved license token is refused: \($0)"
        }
        notices += try overriddenLicenses(by: verifying).sorted().map {
            "the saved license \($0) is not used: a license is set in the environment and wins"
        }
        return notices
    }
}

extension [UnverifiedLicenseToken] {
    /// Those that these keys verify.
    func verified(by keys: LicenseKeySet) -> [VerifiedLicenseToken] {
        compactMap { try? $0.verified(by: keys) }
    }
}

extension Settings {
    /// The keys and tokens that are set; nil when none is.
    fileprivate func givenLicenses() throws(LicenseError) -> [LicenseInput]? {
        guard let licenseKey, let licenseKeySource else { return nil }
        do {
            return try LicenseInput.list(licenseKey)
        } catch {
            throw LicenseError(
                error.code, "What is set by \(licenseKeySource) is refused: \(error.message)",
                remedy: """
                    Set it to the whole key or token from your vendor, or remove it there to use \
                    what `pkg license add` saved.
                    """)
        }
    }
}
