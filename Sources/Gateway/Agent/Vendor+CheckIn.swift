import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Storage

extension Vendor {
    /// Binds a license to an instance, or finds it bound, and answers with a token.
    ///
    /// - Parameters:
    ///   - request: the instance with its key
    ///   - purpose: to hold what nobody holds, or what another holds
    /// - Returns: the answer, with a token
    /// - Throws: ``LicenseError`` `license.key-invalid`, `license.revoked`, `license.suspended`,
    ///   `license.key-mismatch`, `license.rebind-limit`.
    func register(
        _ request: RegisterRequest, for purpose: BindingPurpose = .activation
    ) async throws -> CheckInResponse {
        guard
            let license = try await records.licenses.license(keyDigest: request.key.lookupDigest)
        else {
            throw LicenseError(
                .licenseKeyInvalid, "The gateway has issued no license with this key.")
        }
        let claim = InstanceClaim(
            instance: request.instance.description, facts: request.facts.json,
            environment: request.environment.json, purpose: purpose)
        let profile = try await profile()
        let result = try await records.installations.bind(
            claim, to: license.id, at: now()
        ) { bindings, installation in
            try refuseUnlessActive(bindings.license)
            return try token(
                of: bindings, for: installation, answering: TokenQuestion(request),
                profile: profile)
        }
        switch result {
        case .bound(let installation, let token):
            return CheckInResponse(
                installation: CheckInResponse.Installation(
                    id: installation.id, secret: keys.installationSecret(installation.id)),
                licenseToken: token, serverTime: now(), nextCheckIn: license.nextCheckIn)
        case .occupied(let holders):
            throw occupied(license, by: holders, askedBy: request.instance)
        case .limited(let limit):
            throw tooManyMoves(of: license, limit)
        }
    }

    /// Keeps what a check-in tells, and answers with a fresh token.
    ///
    /// A suspended or revoked license gets a token too: one that says so, signed.
    ///
    /// - Returns: nil when the installation holds no license now
    func renew(_ request: HeartbeatRequest) async throws -> CheckInResponse? {
        let told = CheckInReport(
            counter: request.counter, report: request.json, environment: request.environment.json)
        guard
            let known = try await records.installations.checkIn(
                request.installationID, told, at: now())
        else { return nil }
        return CheckInResponse(
            licenseToken: try token(
                of: known.bindings, for: known.installation,
                answering: TokenQuestion(nonce: request.nonce),
                profile: try await profile(in: known.vendorFile)),
            serverTime: now(), nextCheckIn: known.bindings.license.nextCheckIn,
            notices: known.notices(for: request))
    }

    /// Frees the instance: "Remove license" at the customer.
    func release(_ installation: InstallationRecord) async throws -> CheckInResponse {
        try await records.installations.release(
            installation.id, by: .installation(installation.id), at: now())
        return CheckInResponse(licenseToken: nil, serverTime: now())
    }

    func refuseUnlessActive(_ license: LicenseRecord) throws(LicenseError) {
        switch license.status {
        case .active: return
        case .suspended:
            throw LicenseError(
                .licenseSuspended, "The vendor suspended the license \(license.id).")
        case .revoked:
            throw LicenseError(.licenseRevoked, "The vendor revoked the license \(license.id).")
        }
    }

    private func occupied(
        _ license: LicenseRecord, by holders: [InstallationRecord], askedBy instance: InstanceID
    ) -> LicenseError {
        let bound = holders.map { "\($0.instance) since \($0.registered.wireText)" }
        return LicenseError(
            .licenseKeyMismatch,
            """
            The license \(license.id) is bound to \(bound.joined(separator: ", ")); this instance \
            is \(instance).
            """)
    }

    func tooManyMoves(of license: LicenseRecord, _ limit: MoveLimit) -> LicenseError {
        var sentence = "The license \(license.id) is moved by its vendor only."
        if let date = limit.until {
            sentence = """
                The license \(license.id) may be moved \(license.terms.rebinding.perYear) times \
                within 365 days, and was. The next time is possible from \(date.wireText) on.
                """
        }
        if let last = limit.freedBy {
            sentence += " \(last), which freed it, may have it back at any time."
        }
        return LicenseError(.licenseRebindLimit, sentence)
    }
}

extension TokenQuestion {
    fileprivate init(_ request: RegisterRequest) {
        self.init(
            nonce: request.nonce, keyProof: request.key.proof(nonce: request.nonce))
    }
}

extension LicenseRecord {
    /// Seconds until the gateway wants to hear from the instance; nil: never.
    fileprivate var nextCheckIn: Int64? {
        terms.mode == .standard ? terms.checkIn.interval : nil
    }
}

extension CheckedIn {
    /// Sentences for the operator.
    fileprivate func notices(for request: HeartbeatRequest) -> [String] {
        guard let conflict else { return [] }
        let reason =
            switch conflict {
            case .repeated(let seen): "came after number \(seen)"
            case .continued(let seen):
                "goes on from number \(seen), though the instance registered anew since"
            }
        return [
            """
            Two machines seem to answer to the Instance ID \(installation.instance): check-in number \
            \(request.counter) \(reason). Was its storage folder copied or restored?
            """
        ]
    }
}
