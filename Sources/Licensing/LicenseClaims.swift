package import CanonicalJSON
package import FoundationEssentials

/// What a license token states; the names on the wire are in `docs/licensing.md`.
///
/// Times are whole seconds on the wire and kept so.
package struct LicenseClaims: Hashable, Sendable {
    /// `iss`: the gateway's address.
    package var issuer: String
    /// `sub`: the license's ID.
    package var licenseID: String
    /// `jti`: the token's own ID.
    package var tokenID: String
    /// `iat`: when the gateway signed, by its clock.
    package var issued: Date
    /// `nbf`: before this the token waits; nil: from the start.
    package var notBefore: Date?
    /// `exp`: the end of the lease (standard), or of term and grace; a token without one is neither
    /// signed nor read.
    package var expires: Date?
    /// `license_expires`: the end of the term; nil: perpetual, which only a standard license is.
    package var termEnds: Date?
    /// `grace_until`: the end of the grace; nil: none.
    package var graceUntil: Date?
    /// `timezone`: the zone in which the term's last day ends, for showing it.
    package var timezone: String?
    /// `after_term`: what happens after term and grace.
    package var afterTerm: AfterTerm
    package var mode: LicenseMode
    package var status: LicenseClaimStatus
    package var trial: Bool
    package var plan: String?
    /// Grows with every change of the license.
    package var sequence: Int64
    package var account: LicenseAccount?
    /// The instances that the license is bound to.
    package var instances: [InstanceBinding]
    /// Salted hashes of the facts behind the Instance ID.
    package var facts: SaltedFacts?
    /// Where the application may be served; empty: anywhere.
    package var domains: [String]
    package var plugins: [PluginEntitlement]
    package var features: [String: Int64]
    package var limits: [String: Int64]
    /// How often to ask; nil: never.
    package var checkIn: CheckInPolicy?
    /// What the request that this answers had as its nonce.
    package var nonce: String?
    /// ``LicenseKey/proof(nonce:)`` of the key that was activated; only in the answer to that.
    package var keyProof: String?
    package var links: LicenseLinks?
    /// The vendor's root metadata, whole; only in offline tokens, for machines that never had a
    /// network to get it by.
    package var root: JSONValue?

    package init(
        issuer: String, licenseID: String, tokenID: String, issued: Date, notBefore: Date? = nil,
        expires: Date?, termEnds: Date? = nil, graceUntil: Date? = nil, timezone: String? = nil,
        afterTerm: AfterTerm = .keep, mode: LicenseMode, status: LicenseClaimStatus = .active,
        trial: Bool = false, plan: String? = nil, sequence: Int64,
        account: LicenseAccount? = nil, instances: [InstanceBinding],
        facts: SaltedFacts? = nil, domains: [String] = [], plugins: [PluginEntitlement],
        features: [String: Int64] = [:], limits: [String: Int64] = [:],
        checkIn: CheckInPolicy? = nil, nonce: String? = nil, keyProof: String? = nil,
        links: LicenseLinks? = nil, root: JSONValue? = nil
    ) {
        self.issuer = issuer
        self.licenseID = licenseID
        self.tokenID = tokenID
        self.issued = issued
        self.notBefore = notBefore
        self.expires = expires
        self.termEnds = termEnds
        self.graceUntil = graceUntil
        self.timezone = timezone
        self.afterTerm = afterTerm
        self.mode = mode
        self.status = status
        self.trial = trial
        self.plan = plan
        self.sequence = sequence
        self.account = account
        self.instances = instances
        self.facts = facts
        self.domains = domains
        self.plugins = plugins
        self.features = features
        self.limits = limits
        self.checkIn = checkIn
        self.nonce = nonce
        self.keyProof = keyProof
        self.links = links
        self.root = root
    }
}

/// What happens to a license whose term and grace are over.
package enum AfterTerm: String, Hashable, Sendable {
    /// What was covered may still be installed and used.
    case keep
    /// Paid features pause.
    case pause
}

/// How tokens are obtained and how long they hold.
package enum LicenseMode: String, Hashable, Sendable, CaseIterable {
    case standard
    case airgapped
    case offline
}

/// What the gateway says of a license.
package enum LicenseClaimStatus: String, Hashable, Sendable, CaseIterable {
    case active
    case suspended
    case revoked
    case expired
}

/// Whose license it is.
package struct LicenseAccount: Hashable, Sendable {
    package let id: String
    package let name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// One instance that a license is bound to.
package struct InstanceBinding: Hashable, Sendable {
    package let id: InstanceID
    /// The end of a migration's window for the instance that is moved away from; nil: no end.
    package let until: Date?

    package init(id: InstanceID, until: Date? = nil) {
        self.id = id
        self.until = until
    }
}

/// How a standard license keeps in touch; it travels with the token and is no constant here.
package struct CheckInPolicy: Hashable, Sendable {
    /// Seconds from one good check-in to the next.
    package let interval: Int64
    /// Seconds from a failed check-in to the next.
    package let retry: Int64
    /// Seconds that a token holds.
    package let lease: Int64

    package init(interval: Int64, retry: Int64, lease: Int64) {
        self.interval = interval
        self.retry = retry
        self.lease = lease
    }
}

/// Where people go to manage a license.
package struct LicenseLinks: Hashable, Sendable {
    package let portal: String?
    package let support: String?

    package init(portal: String? = nil, support: String? = nil) {
        self.portal = portal
        self.support = support
    }
}
