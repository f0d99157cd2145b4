package import Diagnostics
import FoundationEssentials
package import Licensing

/// What a person asks of the gateway: outside of a run, with patience for one answer.
extension LicenseSession {
    /// How long a person at a terminal waits for the gateway.
    private static let patience = Duration.seconds(30)

    /// Checks in for every license that has a key, whether it is due or not.
    ///
    /// An airgapped license is renewed by it.
    ///
    /// - Throws: what the first check-in that failed failed with, when no license is in force
    ///   without it; ``UsageError`` when there is no key to ask with.
    package func refresh(
        announce: (String) -> Void = { _ in }
    ) async throws -> LicenseStatus {
        var session = self
        try session.requireKeys()
        try session.announceAsking(announce)
        return try await session.asking(trustsOnFirstUse: false) { session, gateway, vendor in
            try await session.checkIn(gateway, vendor, .all)
        }
    }

    /// How the licenses stand as the gateway says it now, where one is asked at all.
    ///
    /// - Throws: as ``refresh()``, also `license.key-not-found`.
    package func refreshIfPossible() async throws -> LicenseStatus {
        guard !keys.isEmpty else { return try savedLicense().status }
        do {
            return try await refresh()
        } catch {
            guard let license = licenseWithoutGateway(after: error) else { throw error }
            return license.status
        }
    }

    /// The saved licenses, when they hold without a gateway.
    ///
    /// Offline licenses never ask. An airgapped one that is activated asks when it can, and does
    /// without when the gateway does not answer.
    ///
    /// - Parameter error: why the gateway did not answer; nil: before it is asked
    /// - Returns: nil when they need a gateway, or should try one.
    func licenseWithoutGateway(after error: (any Error)?) -> CurrentLicense? {
        let mayFail = error.map { anyFailure($0).code.exitStatus == .network } ?? false
        // A key is asked about wherever it can be, whatever the tokens say.
        let asksFirst = !keys.isEmpty && settings.url != nil && !mayFail
        guard !asksFirst, isActivated, let license = try? savedLicense(), !license.tokens.isEmpty
        else { return nil }
        let modes = Set(license.tokens.map(\.claims.mode))
        let isAlone = modes == [.offline] && keys.isEmpty
        let isAirgapped = !modes.contains(.standard) && (mayFail || settings.url == nil)
        return isAlone || isAirgapped ? license : nil
    }

    /// Checks in for those licenses for which it is due; asks nobody when it is for none.
    ///
    /// - Throws: as ``refresh()``.
    package func checkInIfDue() async throws -> LicenseStatus {
        var session = self
        guard let next = session.nextCheckIn, next <= now else { return try savedLicense().status }
        return try await session.asking(trustsOnFirstUse: false) { session, gateway, vendor in
            try await session.checkIn(gateway, vendor, .whenScheduled)
        }
    }

    /// Moves licenses from the instances that hold them to this one.
    ///
    /// - Parameters:
    ///   - license: its ID; nil: each whose key is not activated for this instance
    ///   - announce: told what is asked, when it is
    /// - Returns: How the licenses stand then.
    /// - Throws: `license.rebind-limit` and other refusals, ``UsageError`` when there is none to move.
    package func rebind(
        _ license: String?, announce: (String) -> Void = { _ in }
    ) async throws -> LicenseStatus {
        var session = self
        try session.requireKeys(
            orElse: "Give the key of the license to move: `pkg license rebind --key KEY`.")
        let moved = keys.filter { key in
            license == nil
                ? installation(of: key) == nil
                : state.installation(of: key)?.licenseID == license
        }
        guard !moved.isEmpty else {
            throw license.map(notSaved)
                ?? UsageError(
                    "Every license key here is activated for \(identity.id) already.",
                    remedy: """
                        There is nothing to move. To take back a license that moves away, name it: \
                        `pkg license rebind ID`; `pkg license status` shows how each stands.
                        """)
        }
        try announceAsking(announce)
        return try await session.asking(trustsOnFirstUse: false) { session, gateway, vendor in
            for key in moved { try await session.rebind(key, gateway, vendor) }
            return CheckInOutcome(
                license: try session.current(verifiedBy: vendor.licenseKeys), failures: [])
        }
    }

    /// Moves the license of a key that was pasted to this instance, and keeps the key.
    ///
    /// A key that is set in the environment may be pasted too.
    ///
    /// - Throws: `license.read-only`, `license.key-format`, and as ``rebind(_:)``.
    package func rebind(
        pasted text: Secret<String>, trustsOnFirstUse: Bool,
        announce: (String) -> Void = { _ in }
    ) async throws -> LicenseStatus {
        guard case .key(let key) = try LicenseInput(text) else {
            throw UsageError(
                "An offline license is moved by its vendor, who issues another token.",
                remedy: """
                    Send the Instance ID \(identity.id) to your vendor, and give the new token to \
                    `pkg license add`.
                    """)
        }
        if !keys.contains(key) { try requireWritable() }
        try announceAsking(announce)
        var session = isReadOnly ? self : LicenseSession(self, only: key)
        let status = try await session.asking(trustsOnFirstUse: trustsOnFirstUse) {
            session, gateway, vendor in
            try await session.rebind(key, gateway, vendor)
            return CheckInOutcome(
                license: try session.current(verifiedBy: vendor.licenseKeys), failures: [])
        }
        if !keys.contains(key) { try saved.save(keys + [key]) }
        return status
    }

    /// Activates a key here, and keeps it when the gateway and the vendor's signature agree.
    mutating func activate(
        _ key: LicenseKey, trustsOnFirstUse: Bool
    ) async throws -> LicenseStatus {
        var session = LicenseSession(self, only: key)
        let status = try await session.asking(trustsOnFirstUse: trustsOnFirstUse) {
            session, gateway, vendor in
            try await session.checkIn(gateway, vendor, .all)
        }
        if !keys.contains(key) { try saved.save(keys + [key]) }
        return status
    }

    /// Frees this instance of a license at the gateway.
    mutating func release(_ installation: SavedState.Installation) async throws {
        let gateway = try GatewayClient(settings, deadline: .now + Self.patience)
        let result: Result<Void, any Error>
        do {
            result = .success(try await release(installation, gateway))
        } catch {
            result = .failure(error)
        }
        await gateway.shutDown()
        try result.get()
    }

    private func announceAsking(_ announce: (String) -> Void) throws {
        announce("Asking \(try settings.requireURL()) …")
    }

    private func requireKeys(orElse remedy: String? = nil) throws {
        guard keys.isEmpty else { return }
        if try !hasTokens {
            let none = noLicense
            throw LicenseError(none.code, none.message, remedy: remedy)
        }
        throw UsageError(
            "The license here is offline: it is never asked about at a gateway.",
            remedy: """
                Ask your vendor for a new license token and give it to `pkg license add`; the \
                Instance ID is \(identity.id).
                """)
    }

    private mutating func asking(
        trustsOnFirstUse: Bool,
        _ body: (inout LicenseSession, GatewayClient, TrustedVendor) async throws -> CheckInOutcome
    ) async throws -> LicenseStatus {
        let gateway = try GatewayClient(settings, deadline: .now + Self.patience)
        let result: Result<LicenseStatus, any Error>
        do {
            let vendor: TrustedVendor
            do {
                vendor = try await VendorTrust(
                    settings, gateway, firstRoot(acceptedUnseen: trustsOnFirstUse), now: now
                ).refresh()
            } catch {
                try missCheckIn(because: error)
                throw error
            }
            let outcome = try await body(&self, gateway, vendor)
            if let failure = outcome.failures.first { throw failure }
            result = .success(outcome.license.status)
        } catch {
            result = .failure(error)
        }
        await gateway.shutDown()
        return try result.get()
    }
}
