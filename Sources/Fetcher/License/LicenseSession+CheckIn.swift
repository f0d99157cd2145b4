import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
import HTTPTransfer
import Licensing

/// What came of the check-ins of a run: each license has its own, and one that fails does not keep
/// the others from theirs.
struct CheckInOutcome {
    let license: CurrentLicense
    let failures: [any Error]
}

/// When the gateway is asked, and what is kept of its answers.
extension LicenseSession {
    /// For which licenses to ask.
    enum Which {
        /// Those that a run of `pkg` needs to know more of now.
        case whenNeeded
        /// Those whose own policy says so: what an agent does, that runs all the time.
        case whenScheduled
        case all
    }

    /// Whether the gateway should be asked about the license of a key by this run: nothing is known
    /// yet, the instance is another, it is not in force, or the token's own policy says so.
    private func isNeeded(_ key: LicenseKey, _ license: CurrentLicense) -> Bool {
        guard let installation = installation(of: key),
            let standing = license.status.standing(of: installation.licenseID),
            standing.isInForce || standing.state == .waiting
        else { return true }
        // An airgapped license asks when it is worth it, and the network is there as it happens.
        guard standing.claims.checkIn != nil else { return !standing.isQuiet(license.status) }
        return schedule(key, license).map { $0 <= now } ?? false
    }

    /// When the license of a key is asked about next by its own policy; nil: never.
    private func schedule(_ key: LicenseKey, _ license: CurrentLicense) -> Date? {
        guard let installation = installation(of: key) else {
            let name = checkInName(of: key)
            return state.memory.nextCheckIn(of: name, .untilActivated, now: now)
        }
        let standing = license.status.standing(of: installation.licenseID)
        guard let standing else { return now }
        guard let policy = standing.claims.checkIn else { return nil }
        // A license that warns may have been renewed: asked as often as after a failure.
        let interval = standing.isQuiet(license.status) ? policy.interval : policy.retry
        return state.memory.nextCheckIn(
            of: installation.licenseID,
            CheckInPolicy(interval: interval, retry: policy.retry, lease: policy.lease), now: now)
    }

    /// When the next check-in is due by the tokens' own policy; nil: never.
    package var nextCheckIn: Date? {
        guard let license = try? current(verifiedBy: verificationKeys()) else {
            return keys.isEmpty ? nil : now
        }
        return keys.compactMap { schedule($0, license) }.min()
    }

    private func isDue(_ which: Which, _ key: LicenseKey, _ license: CurrentLicense) -> Bool {
        switch which {
        case .all: true
        case .whenNeeded: isNeeded(key, license)
        case .whenScheduled: schedule(key, license).map { $0 <= now } ?? false
        }
    }

    /// Whether any check-in is needed in this run.
    func needsCheckIn(_ license: CurrentLicense) -> Bool {
        keys.contains { isNeeded($0, license) }
    }

    /// Under what name the check-ins of a key are remembered.
    private func checkInName(of key: LicenseKey) -> String {
        installation(of: key)?.licenseID ?? "key:\(key.lookupDigest.hex.prefix(16))"
    }

    /// Remembers that check-ins were due and the gateway could not be asked.
    mutating func missCheckIn(because error: any Error) throws {
        guard let license = try? current(verifiedBy: verificationKeys()) else {
            return
        }
        let missed = keys.filter { isNeeded($0, license) }
        guard !missed.isEmpty else { return }
        for key in missed { rememberFailure(of: key, error) }
        try saved.save(state)
    }

    /// One that a signal cut short says nothing about the gateway.
    private mutating func rememberFailure(of key: LicenseKey, _ error: any Error) {
        let code = anyFailure(error).code
        guard code != .networkCancelled, !(error is CancellationError) else { return }
        state.memory.recordFailedCheckIn(of: checkInName(of: key), at: now, code: code.name)
    }

    /// Asks the gateway for fresh tokens, one for each license; verifies and keeps them.
    ///
    /// - Returns: How the licenses stand with them, and why some could not be had: each failure is
    ///   remembered, and the saved token holds for its lease.
    /// - Throws: ``DiskError``.
    mutating func checkIn(
        _ gateway: GatewayClient, _ vendor: TrustedVendor, _ which: Which
    ) async throws -> CheckInOutcome {
        let license = try current(verifiedBy: vendor.licenseKeys)
        var failures: [any Error] = []
        for key in keys where isDue(which, key, license) {
            do {
                try await checkIn(key, gateway, vendor)
            } catch {
                failures.append(error)
                rememberFailure(of: key, error)
                try saved.save(state)
            }
        }
        return CheckInOutcome(
            license: try current(verifiedBy: vendor.licenseKeys), failures: failures)
    }

    private mutating func checkIn(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor
    ) async throws {
        guard let installation = installation(of: key) else {
            try await keep(register(key, gateway, vendor), of: key)
            return
        }
        do {
            let answer = try await sendHeartbeat(of: installation, gateway, vendor)
            if var answered = self.installation(of: key) {
                answered.notices = answer.response.noticesToKeep
                state.replace(answered)
            }
            try keep(answer.token)
        } catch let refusal as GatewayRefusal where refusal.code == .installationUnknown {
            // The vendor freed the instance, or was put back from a backup: the key says it again.
            try await keep(register(key, gateway, vendor), of: key)
        }
    }

    /// Moves the license of a key to this instance.
    mutating func rebind(
        _ key: LicenseKey, _ gateway: GatewayClient, _ vendor: TrustedVendor
    ) async throws {
        try await keep(sendRebind(key, gateway, vendor), of: key)
    }

    /// Keeps the answer to an activation.
    private mutating func keep(_ answer: CheckInAnswer, of key: LicenseKey) throws {
        guard let installation = answer.response.installation else {
            throw LicenseError(
                .licenseCheckIn, "The gateway's answer to the activation names no installation.")
        }
        var answered = SavedState.Installation(
            id: installation.id, licenseID: answer.token.claims.licenseID,
            secret: installation.secret, keyDigest: key.lookupDigest, instanceID: identity.id)
        answered.notices = answer.response.noticesToKeep
        state.replace(answered)
        try forgetReplacedLicenses()
        try keep(answer.token)
    }

    private mutating func keep(_ token: VerifiedLicenseToken) throws {
        state.memory.remember(token, now: now)
        state.memory.recordCheckIn(token, at: now)
        stated.insert(token.claims.licenseID)
        try saved.saveToken(token)
        try saved.save(state)
    }

    /// Forgets the licenses of keys that once were set in the environment and no longer are.
    ///
    /// Those of saved keys stay, though they are not used while one is set.
    private mutating func forgetReplacedLicenses() throws {
        guard isReadOnly else { return }
        let known = Set((keys + (try saved.keys())).map(\.lookupDigest))
        for left in state.installations where !known.contains(left.keyDigest) {
            try saved.removeToken(of: left.licenseID)
            state.memory.forgetCheckIns(of: left.licenseID)
        }
        state.installations.removeAll { !known.contains($0.keyDigest) }
    }
}

extension LicenseStatus {
    /// How the newest token of a license stands, or nil when none is there.
    fileprivate func standing(of license: String) -> LicenseStanding? {
        standings.first { $0.claims.licenseID == license && $0.state != .superseded }
    }
}

extension LicenseStanding {
    /// Whether there is nothing that a renewal would mend.
    fileprivate func isQuiet(_ status: LicenseStatus) -> Bool {
        (state == .active || state == .waiting) && status.warnings.isEmpty
    }
}

extension CheckInPolicy {
    /// How often an activation is tried again by who runs all the time: no token says it yet.
    fileprivate static let untilActivated = CheckInPolicy(interval: 0, retry: 3600, lease: 0)
}

extension CheckInResponse {
    /// The first few, each of a length that can be read.
    fileprivate var noticesToKeep: [String] {
        notices.prefix(5).map { serversWords($0, limit: 500) }
    }
}
