import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import Storage

/// What a token repeats of the question that it answers.
struct TokenQuestion: Sendable {
    /// nil for a token that nobody asked for over the network.
    var nonce: String?
    /// Only in the answer to an activation.
    var keyProof: String?
}

extension Vendor {
    /// A fresh token: what the license says now, for the instances that may use it.
    ///
    /// - Parameters:
    ///   - bindings: the license with its instances
    ///   - installation: whom the token is for: the facts in it are this one's, and it ends with the
    ///     window of one that the license leaves
    ///   - question: what it answers
    ///   - profile: what the vendor says of itself
    ///   - root: the vendor's root, for machines without a network
    /// - Returns: the token, which reads back
    /// - Throws: ``LicenseError``.
    func token(
        of bindings: LicenseBindings, for installation: InstallationRecord? = nil,
        answering question: TokenQuestion = TokenQuestion(), profile: VendorProfile,
        root: JSONValue? = nil
    ) throws -> Secret<String> {
        let instances = try bindings.ofVersionOne.map {
            InstanceBinding(id: try InstanceID($0.instance), until: $0.validUntil)
        }
        var claims = claims(of: bindings.license, instances: instances, profile: profile)
        claims.expires = [claims.expires, installation?.validUntil].compactMap(\.self).min()
        claims.nonce = question.nonce
        claims.keyProof = question.keyProof
        claims.root = root
        return try sign(claims, facts: installation?.facts)
    }

    /// Signs claims with the facts of an instance.
    ///
    /// - Parameters:
    ///   - claims: all else
    ///   - facts: hashed, with its own salt, as the instance sent them: they go through
    /// - Returns: the token, which reads back
    /// - Throws: ``LicenseError``.
    func sign(_ claims: LicenseClaims, facts: JSONValue?) throws -> Secret<String> {
        var claims = claims
        claims.facts = try facts.map { try SaltedFacts(json: $0) }
        return try licenseSigner.sign(claims).compact
    }

    func claims(
        of license: LicenseRecord, instances: [InstanceBinding], profile: VendorProfile
    ) -> LicenseClaims {
        let links = profile.links
        let now = now()
        let terms = license.terms
        let isStandard = terms.mode == .standard
        let channels = terms.channels.isEmpty ? nil : profile.channels(with: terms.channels)
        return LicenseClaims(
            issuer: settings.url, licenseID: license.id,
            tokenID: Hex.encode(SecureRandom.bytes(16)), issued: now, notBefore: terms.begins,
            expires: isStandard ? terms.leaseEnd(from: now) : terms.graceUntil,
            termEnds: terms.expires, graceUntil: terms.graceUntil, timezone: terms.timezone,
            afterTerm: terms.afterTerm, mode: terms.mode, status: license.claimStatus(at: now),
            trial: terms.isTrial, plan: terms.plan, sequence: license.sequence,
            account: license.account, instances: instances, domains: terms.domains,
            plugins: terms.grants.map {
                PluginEntitlement(
                    name: $0.plugin, updatesUntil: $0.updatesUntil, channels: channels)
            },
            features: terms.features, limits: terms.limits,
            checkIn: isStandard ? terms.checkIn : nil,
            links: LicenseLinks(portal: links.portal, support: links.support))
    }
}

extension LicenseTerms {
    /// The end of a lease that begins now, or with the term when that is later.
    fileprivate func leaseEnd(from now: Date) -> Date {
        max(now, begins ?? now).addingTimeInterval(Double(checkIn.lease))
    }
}

extension LicenseRecord {
    /// How it stands, in a token's word.
    func claimStatus(at now: Date) -> LicenseClaimStatus {
        switch status {
        case .suspended: .suspended
        case .revoked: .revoked
        case .active: terms.isOver(at: now) ? .expired : .active
        }
    }
}
