import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Storage

extension Vendor {
    /// A token as NocoDB's client reads it: JWS with RS256, and NocoDB's claims.
    ///
    /// It holds as long as a license's token does without a check-in, mostly two days; for an
    /// airgapped installation until the end of the term.
    ///
    /// - Throws: ``CryptographyError`` `cryptography.failed`.
    func nocoDBToken(
        _ license: LicenseRecord, for installation: NocoDBInstallation, key: PrivateKey
    ) throws(CryptographyError) -> Secret<String> {
        let now = now()
        let terms = license.terms
        var expires = now.addingTimeInterval(Double(terms.checkIn.lease))
        if installation.isAirgapped, let end = terms.expires, end > now { expires = end }
        var config: JSONObject = [:]
        config["limit_workspace"] = terms.limits["workspaces"].map { .integer($0) }
        config["limit_seat"] = terms.limits["seats"].map { .integer($0) }
        var claims: JSONObject = [
            "installation_id": .string(installation.record.id),
            "license_type": .string(terms.isTrial ? "enterprise_trial" : "enterprise"),
            "status": .string(license.nocoDBStatus(at: now).rawValue),
            "seat_count": .integer(installation.seatCount ?? terms.limits["seats"] ?? 0),
            "config": .object(config), "airgapped": .bool(installation.isAirgapped),
            "iat": .integer(Int64(now.timeIntervalSince1970)),
            "exp": .integer(Int64(expires.timeIntervalSince1970)),
        ]
        claims["expires_at"] = terms.expires.map { .string($0.wireText) }
        if let instance = installation.instance {
            claims["instance_id"] = .string(instance.text)
            claims[instance.name.rawValue] = .string(instance.text)
        }
        let header: JSONValue = [
            "alg": "RS256", "typ": "JWT", "kid": .string(nocoDBKeyID(key.publicKey)),
        ]
        let signed =
            Base64URL.encode(header.compactBytes) + "."
            + Base64URL.encode(JSONValue.object(claims).compactBytes)
        let signature = try key.sign(Array(signed.utf8), scheme: .rsaPKCS1SHA256)
        return Secret("\(signed).\(Base64URL.encode(signature))")
    }

    /// Milliseconds until the gateway wants to hear from NocoDB again; 0: never.
    func heartbeatInterval(
        _ license: LicenseRecord, for installation: NocoDBInstallation
    ) -> Int64 {
        guard !installation.isAirgapped else { return 0 }
        let policy = license.terms.checkIn
        let isValid = license.nocoDBStatus(at: now()) == .active
        return (isValid ? policy.interval : policy.retry) * 1000
    }
}

extension LicenseRecord {
    /// How it stands, in a word of NocoDB's: none of them is for a term that is to come.
    fileprivate func nocoDBStatus(at now: Date) -> LicenseClaimStatus {
        let status = claimStatus(at: now)
        return status == .active && terms.isToCome(at: now) ? .suspended : status
    }
}
