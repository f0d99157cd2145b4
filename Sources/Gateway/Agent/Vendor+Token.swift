import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import Storage

extension Vendor {
    /// A fresh token: what the license says now, for one instance.
    ///
    /// - Throws: ``LicenseError``, ``StorageError``.
    func token(
        _ license: LicenseRecord, _ installation: InstallationRecord, nonce: String
    ) async throws -> Secret<String> {
        let links = try await profile().links
        let instances = try await records.installations.current(of: license.id)
            .map { InstanceBinding(id: try InstanceID($0.instance)) }
        let claims = claims(of: license, instances: instances, nonce: nonce, links: links)
        // The facts go through as the instance sent them: hashed, with its own salt.
        var members = claims.json.object ?? [:]
        members["facts"] = installation.facts
        let signer = try LicenseSigner(key: keys.license)
        return try signer.sign(try LicenseClaims(json: .object(members))).compact
    }

    private func claims(
        of license: LicenseRecord, instances: [InstanceBinding], nonce: String,
        links: VendorProfile.Links
    ) -> LicenseClaims {
        let now = now()
        let policy = license.checkIn
        let isStandard = license.mode == .standard
        let channels = license.channels.isEmpty ? nil : license.channels
        return LicenseClaims(
            issuer: settings.url, licenseID: license.id,
            tokenID: Hex.encode(SecureRandom.bytes(16)), issued: now,
            expires: isStandard
                ? now.addingTimeInterval(Double(policy.lease)) : license.graceUntil,
            termEnds: license.expires, graceUntil: license.graceUntil, timezone: license.timezone,
            afterTerm: license.afterTerm == .keep ? .keep : .pause,
            mode: isStandard ? .standard : .airgapped, status: license.claimStatus(at: now),
            trial: license.isTrial, plan: license.plan, sequence: Int64(license.sequence),
            account: LicenseAccount(id: license.account.id, name: license.account.name),
            instances: instances, domains: license.domains,
            plugins: license.grants.map {
                PluginEntitlement(
                    name: $0.plugin, updatesUntil: $0.updatesUntil, channels: channels)
            },
            features: license.features, limits: license.limits,
            checkIn: isStandard
                ? CheckInPolicy(
                    interval: Int64(policy.interval), retry: Int64(policy.retry),
                    lease: Int64(policy.lease)) : nil,
            nonce: nonce, links: LicenseLinks(portal: links.portal, support: links.support))
    }
}

extension LicenseRecord {
    fileprivate func claimStatus(at now: Date) -> LicenseClaimStatus {
        switch status {
        case .suspended: .suspended
        case .revoked: .revoked
        case .active: isOver(at: now) ? .expired : .active
        }
    }
}
