import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import Storage

extension Vendor {
    /// A fresh token: what the license says now, for these instances.
    ///
    /// - Parameters:
    ///   - license: what is stated
    ///   - instances: those that hold it
    ///   - facts: the salted hashes behind the Instance ID, as the instance sent them
    ///   - nonce: the question's
    /// - Returns: the token, which reads back
    /// - Throws: ``LicenseError``, ``StorageError``.
    func token(
        _ license: LicenseRecord, instances: [InstanceID], facts: JSONValue, nonce: String
    ) async throws -> Secret<String> {
        try signedToken(
            license, instances: instances.map { InstanceBinding(id: $0) }, facts: facts,
            nonce: nonce, profile: try await profile())
    }

    /// The same with what the vendor says of itself at hand.
    ///
    /// - Throws: ``LicenseError``.
    func signedToken(
        _ license: LicenseRecord, instances: [InstanceBinding], facts: JSONValue, nonce: String,
        profile: VendorProfile
    ) throws -> Secret<String> {
        let claims = claims(of: license, instances: instances, nonce: nonce, profile: profile)
        // The facts go through as the instance sent them: hashed, with its own salt.
        var members = claims.json.object ?? [:]
        members["facts"] = facts
        let signer = try LicenseSigner(key: keys.license)
        return try signer.sign(try LicenseClaims(json: .object(members))).compact
    }

    private func claims(
        of license: LicenseRecord, instances: [InstanceBinding], nonce: String,
        profile: VendorProfile
    ) -> LicenseClaims {
        let links = profile.links
        let now = now()
        let terms = license.terms
        let isStandard = terms.mode == .standard
        let channels = terms.channels.isEmpty ? nil : profile.channels(with: terms.channels)
        return LicenseClaims(
            issuer: settings.url, licenseID: license.id,
            tokenID: Hex.encode(SecureRandom.bytes(16)), issued: now,
            expires: isStandard
                ? now.addingTimeInterval(Double(terms.checkIn.lease)) : terms.graceUntil,
            termEnds: terms.expires, graceUntil: terms.graceUntil, timezone: terms.timezone,
            afterTerm: terms.afterTerm, mode: terms.mode, status: license.claimStatus(at: now),
            trial: terms.isTrial, plan: terms.plan, sequence: license.sequence,
            account: license.account, instances: instances, domains: terms.domains,
            plugins: terms.grants.map {
                PluginEntitlement(
                    name: $0.plugin, updatesUntil: $0.updatesUntil, channels: channels)
            },
            features: terms.features, limits: terms.limits,
            checkIn: isStandard ? terms.checkIn : nil, nonce: nonce,
            links: LicenseLinks(portal: links.portal, support: links.support))
    }
}

extension LicenseRecord {
    fileprivate func claimStatus(at now: Date) -> LicenseClaimStatus {
        switch status {
        case .suspended: .suspended
        case .revoked: .revoked
        case .active: terms.isOver(at: now) ? .expired : .active
        }
    }
}
