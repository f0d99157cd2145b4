package import CanonicalJSON
package import Diagnostics
import FoundationEssentials
package import Licensing

/// Several licenses: what is there, one more, one less.
extension LicenseSession {
    /// One license that is set or saved here.
    package struct Entry: Sendable {
        package enum Source: String, Sendable {
            case environment
            case saved
        }

        /// Nil for a key that is not activated and for a token that is refused.
        package let standing: LicenseStanding?
        package let source: Source
        /// The key with all but its kind masked; nil for an offline token.
        package let key: String?
        /// Whether it waits behind the license that is set in the environment.
        package let isOverridden: Bool
        /// Why it does not count, when nothing of it could be judged.
        package let failure: LicenseError?
    }

    /// Every license here, also those that ended, wait or are not activated.
    package func licenses() throws -> [Entry] {
        let verifying = try verificationKeys()
        let source: Entry.Source = isReadOnly ? .environment : .saved
        let status = try? current(verifiedBy: verifying).status
        var entries = (status?.standings ?? []).filter { $0.state != .superseded }.map { standing in
            let key = keys.first {
                installation(of: $0)?.licenseID == standing.claims.licenseID
            }
            return Entry(
                standing: standing, source: source, key: key.map { "\($0)" }, isOverridden: false,
                failure: nil)
        }
        for key in keys {
            let activated = installation(of: key)?.licenseID
            if let activated,
                entries.contains(where: { $0.standing?.claims.licenseID == activated })
            {
                continue
            }
            entries.append(
                Entry(
                    standing: nil, source: source, key: "\(key)", isOverridden: false,
                    failure: activated.map {
                        LicenseError(.licenseState, "There is no token of the license \($0) here.")
                    }
                        ?? LicenseError(
                            .licenseKeyNotFound, "The key is not activated for this instance yet.")
                ))
        }
        entries += try refusals(by: verifying).map {
            Entry(standing: nil, source: source, key: nil, isOverridden: false, failure: $0)
        }
        return try entries + overriddenEntries(verifying)
    }

    private func overriddenEntries(_ verifying: LicenseKeySet) throws -> [Entry] {
        let overridden = try overriddenLicenses(by: verifying)
        guard !overridden.isEmpty else { return [] }
        let tokens = try saved.tokens().verified(by: verifying)
            .filter { overridden.contains($0.claims.licenseID) }
        return evaluate(
            tokens, instance: identity.id, facts: identity.facts, memory: state.memory, now: now
        ).standings.map {
            Entry(standing: $0, source: .saved, key: nil, isOverridden: true, failure: nil)
        }
    }

    /// The claims of one license here, also of one that waits, or of all that count.
    ///
    /// - Throws: `license.not-saved`.
    package func claims(of license: String?) throws -> [LicenseClaims] {
        guard let license else { return try savedLicense().tokens.map(\.claims) }
        let verifying = try verificationKeys()
        let tokens =
            try overriddenLicenses(by: verifying).contains(license)
            ? saved.tokens().verified(by: verifying) : savedLicense().tokens
        let named = tokens.map(\.claims).filter { $0.licenseID == license }
        guard !named.isEmpty else { throw notSaved(license) }
        return named
    }

    /// Adds a license: activates a key, or takes an offline token, which needs no network.
    ///
    /// - Parameters:
    ///   - text: the key or token, as it was pasted
    ///   - trustsOnFirstUse: whether the gateway's first root is trusted unseen
    /// - Returns: How the licenses stand with it.
    /// - Throws: `license.read-only`, `license.*`, `trust.*`, ``NetworkError``, ``DiskError``; nothing
    ///   is kept then but a root that what was pasted vouches for.
    package func add(_ text: Secret<String>, trustsOnFirstUse: Bool) async throws -> LicenseStatus {
        try requireWritable()
        var session = self
        switch try LicenseInput(text) {
        case .key(let key):
            return try await session.activate(key, trustsOnFirstUse: trustsOnFirstUse)
        case .token(let token):
            return try session.take(token)
        }
    }

    private mutating func take(_ token: UnverifiedLicenseToken) throws -> LicenseStatus {
        let verified = try verifyPasted(token)
        guard verified.claims.mode == .offline else {
            throw LicenseError(
                .licenseTokenFormat,
                """
                The token is of the \(verified.claims.mode.rawValue) license \
                \(verified.claims.licenseID), which is activated by its key.
                """)
        }
        let alone = evaluate(
            [verified], instance: identity.id, facts: identity.facts, memory: state.memory,
            now: now)
        if alone.state == .invalid, let failure = alone.failure { throw failure }
        try saved.saveToken(verified)
        state.memory.remember(verified, now: now)
        try saved.save(state)
        return try savedLicense().status
    }

    /// Forgets a license on this machine; at the gateway it stays bound to the instance.
    ///
    /// - Throws: `license.read-only`, `license.not-saved`, ``DiskError``.
    package func delete(_ license: String) throws {
        try requireWritable()
        var session = self
        try session.forget(license)
    }

    /// Removes a license: frees the instance at the gateway, then forgets it here.
    ///
    /// - Throws: as ``delete(_:)``; ``NetworkError`` and refusals: then nothing is forgotten.
    package func remove(_ license: String) async throws {
        try requireWritable()
        var session = self
        if let installation = state.installations.first(where: { $0.licenseID == license }) {
            try await session.release(installation)
        }
        try session.forget(license)
    }

    private mutating func forget(_ license: String) throws {
        let installation = state.installations.first { $0.licenseID == license }
        // Whether its token can be believed makes no difference to forgetting it.
        guard try installation != nil || saved.hasToken(of: license) else {
            throw notSaved(license)
        }
        // The key first: killed here, the license still holds for its lease and can be removed again.
        let left = try saved.keys().filter { $0.lookupDigest != installation?.keyDigest }
        if left.count < keys.count { try saved.save(left) }
        try saved.removeToken(of: license)
        state.installations.removeAll { $0.licenseID == license }
        state.memory.forgetCheckIns(of: license)
        try saved.save(state)
    }

    /// Keeps how many users take a seat; the next check-in tells their number and nothing else.
    package func save(_ seats: SeatCount) throws {
        try saved.save(seats, countedAt: now)
    }

    /// Throws `license.read-only` when a license is set in the environment or in `pkg.yaml`.
    package func requireWritable() throws(LicenseError) {
        guard isReadOnly else { return }
        throw LicenseError(
            .licenseReadOnly,
            "\(settings.licenseKeySource ?? "TOLLGATE_LICENSE_KEY") has the license of this instance."
        )
    }

    func notSaved(_ license: String) -> any Error {
        LicenseError(.licenseNotSaved, "No license \(quoted(license)) is saved here.")
    }
}

extension LicenseSession.Entry {
    /// For `pkg license list --json`.
    package var json: JSONValue {
        var object = standing?.json.object ?? ["state": .string(state)]
        object["source"] = .string(source.rawValue)
        object["key"] = key.map { .string($0) }
        object["is_overridden"] = .bool(isOverridden)
        if let failure { object["failure"] = JSONValue(failure) }
        return .object(object)
    }

    /// The word for how it stands.
    package var state: String {
        guard let standing else {
            guard key != nil else { return "refused" }
            return failure?.code == .licenseState ? "no token" : "not activated"
        }
        guard !isOverridden else { return "not used" }
        return standing.word
    }
}
