package import CanonicalJSON
internal import Diagnostics
internal import FoundationEssentials

extension LicenseClaims {
    /// The claims as the token's payload has them.
    package var json: JSONValue {
        var object: JSONObject = [
            "iss": .string(issuer), "sub": .string(licenseID), "jti": .string(tokenID),
            "iat": JSONValue(issued),
        ]
        object["nbf"] = notBefore.map { JSONValue($0) }
        object["exp"] = expires.map { JSONValue($0) }
        object["license_expires"] = termEnds.map { JSONValue($0) }
        object["grace_until"] = graceUntil.map { JSONValue($0) }
        object["timezone"] = timezone.map { .string($0) }
        object["after_term"] = .string(afterTerm.rawValue)
        object["mode"] = .string(mode.rawValue)
        object["status"] = .string(status.rawValue)
        if trial { object["trial"] = true }
        object["plan"] = plan.map { .string($0) }
        object["sequence"] = .integer(sequence)
        object["account"] = account.map { ["id": .string($0.id), "name": .string($0.name)] }
        object["instances"] = .array(instances.map(\.json))
        object["facts"] = facts?.json
        object["domains"] = .array(domains.map { .string($0) })
        object["plugins"] = .array(plugins.map(\.json))
        object["features"] = JSONValue(sorted: features)
        object["limits"] = JSONValue(sorted: limits)
        object["check_in"] = checkIn?.json
        object["nonce"] = nonce.map { .string($0) }
        object["key_proof"] = keyProof.map { .string($0) }
        object["links"] = links?.json
        object["root"] = root
        return .object(object)
    }

    /// Reads claims; those that it does not know are ignored.
    ///
    /// - Throws: ``LicenseError`` with code `license.claims`, which names the claim.
    package init(json: JSONValue) throws(LicenseError) {
        do {
            try self.init(JSONReader(json))
        } catch {
            throw LicenseError(
                .licenseClaims, "A claim of the license token cannot be used.", cause: error)
        }
    }

    private init(_ reader: JSONReader) throws(JSONError) {
        self.init(
            issuer: try reader["iss"].nonEmptyString(),
            licenseID: try reader["sub"].nonEmptyString(),
            tokenID: try reader["jti"].nonEmptyString(),
            issued: try reader["iat"].date(),
            notBefore: try reader.optional("nbf")?.date(),
            expires: try reader.optional("exp")?.date(),
            termEnds: try reader.optional("license_expires")?.date(),
            graceUntil: try reader.optional("grace_until")?.date(),
            timezone: try reader.optional("timezone")?.string(),
            afterTerm: try reader.optional("after_term")?.word(AfterTerm.self) ?? .keep,
            mode: try reader["mode"].word(LicenseMode.self),
            status: try reader["status"].word(LicenseClaimStatus.self),
            trial: try reader.optional("trial")?.bool() ?? false,
            plan: try reader.optional("plan")?.string(),
            sequence: try reader["sequence"].count(),
            account: try Self.account(reader.optional("account")),
            instances: try Self.instances(reader.optional("instances")),
            facts: try Self.facts(reader.optional("facts")),
            domains: try reader.optional("domains")?.strings() ?? [],
            plugins: try Self.plugins(reader.optional("plugins")),
            features: try reader.optional("features")?.integersByName() ?? [:],
            limits: try reader.optional("limits")?.integersByName() ?? [:],
            checkIn: try Self.checkIn(reader.optional("check_in")),
            nonce: try reader.optional("nonce")?.string(),
            keyProof: try reader.optional("key_proof")?.string(),
            links: try Self.links(reader.optional("links")),
            root: try reader.optional("root")?.value)
        // Without a lease a standard license could never pause, and nobody is asked about the others.
        if expires == nil { throw JSONError(.missingMember, location: "in exp") }
    }

    private static func account(_ reader: JSONReader?) throws(JSONError) -> LicenseAccount? {
        guard let reader else { return nil }
        return LicenseAccount(
            id: try reader["id"].string(), name: try reader["name"].string())
    }

    private static func instances(_ reader: JSONReader?) throws(JSONError) -> [InstanceBinding] {
        var instances: [InstanceBinding] = []
        for element in try reader?.array() ?? [] {
            let id = try element["id"]
            guard let instanceID = try? InstanceID(try id.string()) else {
                throw id.failure(.invalidValue)
            }
            instances.append(
                InstanceBinding(id: instanceID, until: try element.optional("until")?.date()))
        }
        return instances
    }

    private static func facts(_ reader: JSONReader?) throws(JSONError) -> SaltedFacts? {
        guard let reader else { return nil }
        return try SaltedFacts(reader)
    }

    private static func plugins(_ reader: JSONReader?) throws(JSONError) -> [PluginEntitlement] {
        var plugins: [PluginEntitlement] = []
        for element in try reader?.array() ?? [] {
            plugins.append(
                PluginEntitlement(
                    name: try element["name"].nonEmptyString(),
                    updatesUntil: try element.optional("updates_until")?.date(),
                    channels: try element.optional("channels").map { reader throws(JSONError) in
                        Set(try reader.strings())
                    }))
        }
        return plugins
    }

    private static func checkIn(_ reader: JSONReader?) throws(JSONError) -> CheckInPolicy? {
        guard let reader else { return nil }
        return CheckInPolicy(
            interval: try reader["interval_s"].count(), retry: try reader["retry_s"].count(),
            lease: try reader["lease_s"].count())
    }

    private static func links(_ reader: JSONReader?) throws(JSONError) -> LicenseLinks? {
        guard let reader else { return nil }
        return LicenseLinks(
            portal: try reader.optional("portal")?.string(),
            support: try reader.optional("support")?.string())
    }
}

extension InstanceBinding {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["id": .string(id.description)]
        object["until"] = until.map { JSONValue($0) }
        return .object(object)
    }
}

extension PluginEntitlement {
    var json: JSONValue {
        var object: JSONObject = ["name": .string(name)]
        object["updates_until"] = updatesUntil.map { JSONValue($0) }
        object["channels"] = channels.map { .array($0.sorted().map { .string($0) }) }
        if isPaused { object["paused"] = true }
        return .object(object)
    }
}

extension CheckInPolicy {
    fileprivate var json: JSONValue {
        ["interval_s": .integer(interval), "retry_s": .integer(retry), "lease_s": .integer(lease)]
    }
}

extension LicenseLinks {
    fileprivate var json: JSONValue {
        var object: JSONObject = [:]
        object["portal"] = portal.map { .string($0) }
        object["support"] = support.map { .string($0) }
        return .object(object)
    }
}
