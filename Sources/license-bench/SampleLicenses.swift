import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing

/// Ten offline licenses of one instance, all in force, 40 plugins each.
///
/// Each shares half of its plugins with the one before, under another update period, so that there is
/// something to merge.
struct SampleLicenses {
    let now = Date(timeIntervalSince1970: 1_795_255_200)
    let facts = InstanceFacts(
        binding: ["database.server": "postgresql/7301", "database.name": "app"])
    let instance: InstanceID
    let tokens: [VerifiedLicenseToken]
    private let publicKey: PublicKey
    private let signed: [(message: [UInt8], signature: [UInt8])]

    /// How many plugins all of them grant together.
    var pluginCount: Int { (tokens.count - 1) * Self.pluginsNotShared + Self.pluginsEach }

    private static let pluginsEach = 40
    private static let pluginsNotShared = 20

    init() throws {
        let key = try PrivateKey.generate(.ed25519)
        let signer = try LicenseSigner(key: key)
        let instance = InstanceID(facts: facts)
        let (facts, now) = (facts, now)
        let tokens = try (0..<10).map { number in
            try signer.sign(Self.claims(number, of: instance, facts, now: now))
        }
        self.instance = instance
        self.tokens = tokens
        publicKey = key.publicKey
        signed = try tokens.map { token in
            let message = Array(token.compact.reveal().utf8)
            return (message, try key.sign(message, scheme: .ed25519))
        }
    }

    /// How the instance stands with all of them.
    func evaluated() -> LicenseStatus {
        evaluate(tokens, instance: instance, facts: facts, memory: LicenseMemory(), now: now)
    }

    /// Verifies as many Ed25519 signatures over as many bytes as the tokens have, and nothing else.
    func areSignaturesValid() -> Bool {
        signed.allSatisfy {
            publicKey.isValidSignature($0.signature, of: $0.message, scheme: .ed25519)
        }
    }

    private static func claims(
        _ number: Int, of instance: InstanceID, _ facts: InstanceFacts, now: Date
    ) -> LicenseClaims {
        let day: TimeInterval = 86_400
        let first = number * pluginsNotShared
        return LicenseClaims(
            issuer: "https://plugins.acme.example", licenseID: "lic_\(number)",
            tokenID: "tok_\(number)", issued: now - 10 * day, expires: now + 379 * day,
            termEnds: now + 365 * day, graceUntil: now + 379 * day, timezone: "Europe/Berlin",
            afterTerm: .pause, mode: .offline, plan: "team", sequence: 3,
            account: LicenseAccount(id: "acc_1", name: "Umbrella"),
            instances: [InstanceBinding(id: instance)], facts: facts.salted(with: [1, 2, 3]),
            domains: ["app.example"],
            plugins: (first..<first + pluginsEach).map {
                PluginEntitlement(
                    name: "@acme/plugin-\($0)", updatesUntil: now + Double(100 + number) * day)
            },
            features: ["sso": 1, "feature-\(number)": 1],
            limits: ["seats": Int64(25 + number), "workspaces": 10],
            links: LicenseLinks(portal: "https://acme.example/portal"))
    }
}
