import Cryptography
import Diagnostics
import FoundationEssentials

@testable import Licensing

/// What most tests begin with: a moment, an instance, a license of the vendor Acme's.
enum Samples {
    /// 2026-11-21T10:00:00Z.
    static let now = Date(timeIntervalSince1970: 1_795_255_200)
    static let hour: TimeInterval = 3600
    static let day: TimeInterval = 86400

    static let facts = InstanceFacts(
        binding: ["database.server": "postgresql/7301", "database.name": "app"],
        recorded: ["system.os": "linux"])
    static let instance = InstanceID(facts: facts)
    static let otherInstance = InstanceID(facts: InstanceFacts(binding: ["storage.id": "x"]))

    /// A standard license in force: issued an hour ago, leased for two days, a year to go.
    static func standard(_ change: (inout LicenseClaims) -> Void = { _ in }) -> LicenseClaims {
        var claims = LicenseClaims(
            issuer: "https://plugins.acme.example", licenseID: "lic_1", tokenID: "tok_1",
            issued: now - hour, expires: now + 47 * hour, termEnds: now + 365 * day,
            graceUntil: now + 379 * day, timezone: "Europe/Berlin", afterTerm: .pause,
            mode: .standard, plan: "team", sequence: 3,
            account: LicenseAccount(id: "acc_1", name: "Umbrella"),
            instances: [InstanceBinding(id: instance)], facts: facts.salted(with: [1, 2, 3]),
            domains: ["app.example"], plugins: [PluginEntitlement(name: "@acme/plugin-audit-log")],
            features: ["sso": 1], limits: ["seats": 25],
            checkIn: CheckInPolicy(interval: 21600, retry: 3600, lease: 172_800),
            nonce: "n1", links: LicenseLinks(portal: "https://acme.example/portal"))
        change(&claims)
        return claims
    }

    /// An offline license in force: issued ten days ago, a year to go and two weeks of grace.
    static func offline(_ change: (inout LicenseClaims) -> Void = { _ in }) -> LicenseClaims {
        standard {
            $0.mode = .offline
            $0.issued = now - 10 * day
            $0.expires = now + 379 * day
            $0.checkIn = nil
            $0.nonce = nil
            change(&$0)
        }
    }

    /// A token with these claims; its signature does not matter to the evaluation.
    static func token(_ claims: LicenseClaims) -> VerifiedLicenseToken {
        VerifiedLicenseToken(compact: "a.b.c", claims: claims)
    }

    static func status(
        _ claims: LicenseClaims..., memory: LicenseMemory = LicenseMemory(),
        facts: InstanceFacts? = nil, now: Date = now
    ) -> LicenseStatus {
        evaluate(
            claims.map(token), instance: instance, facts: facts, memory: memory, now: now)
    }

    static func signer() throws -> (LicenseSigner, LicenseKeySet) {
        let key = try PrivateKey.generate(.ed25519)
        var keys = LicenseKeySet()
        try keys.add(key.publicKey)
        return (try LicenseSigner(key: key), keys)
    }
}
