import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Storage

extension Vendor {
    /// Binds a license to an instance, or finds it bound, and answers with a token.
    ///
    /// - Throws: ``LicenseError`` `license.key-invalid`, `license.revoked`, `license.suspended`,
    ///   `license.key-mismatch`.
    func register(_ request: RegisterRequest) async throws -> CheckInResponse {
        guard
            let license = try await records.licenses.license(keyDigest: request.key.lookupDigest)
        else {
            throw LicenseError(
                .licenseKeyInvalid, "The gateway has issued no license with this key.")
        }
        try refuseUnlessActive(license)
        // Made before the license is bound: who cannot have a token does not hold the license.
        let token = try await token(
            license, instances: [request.instance], facts: request.facts.json,
            nonce: request.nonce)
        let binding = try await records.installations.bind(
            request.instance.description, to: license.id,
            newID: "ins_" + Hex.encode(SecureRandom.bytes(16)), facts: request.facts.json,
            environment: request.environment.json, maximumInstances: 1, at: now())
        switch binding {
        case .bound(let installation):
            return CheckInResponse(
                installation: CheckInResponse.Installation(
                    id: installation.id, secret: keys.installationSecret(installation.id)),
                licenseToken: token, serverTime: now(), nextCheckIn: license.nextCheckIn)
        case .occupied(let others):
            let bound = others.map(\.instance).joined(separator: ", ")
            throw LicenseError(
                .licenseKeyMismatch,
                """
                The license is bound to the instance \(bound); this instance is \
                \(request.instance).
                """)
        }
    }

    /// Keeps what a check-in tells, and answers with a fresh token.
    ///
    /// A suspended or revoked license gets a token too: one that says so, signed.
    func renew(
        _ request: HeartbeatRequest, of installation: InstallationRecord
    ) async throws -> CheckInResponse {
        let license = try await license(of: installation)
        let bound = try await records.installations.current(of: license.id)
            .map { try InstanceID($0.instance) }
        try await records.installations.checkIn(
            installation.id, counter: request.counter, report: request.json, at: now())
        return CheckInResponse(
            licenseToken: try await token(
                license, instances: bound, facts: installation.facts, nonce: request.nonce),
            serverTime: now(), nextCheckIn: license.nextCheckIn)
    }

    /// Frees the instance: "Remove license" at the customer.
    func release(_ installation: InstallationRecord) async throws -> CheckInResponse {
        try await records.installations.release(
            installation.id, by: .installation(installation.id), at: now())
        return CheckInResponse(licenseToken: nil, serverTime: now())
    }

    private func license(of installation: InstallationRecord) async throws -> LicenseRecord {
        guard let license = try await records.licenses.license(id: installation.license) else {
            throw LicenseError(.licenseKeyInvalid, "The license of this instance is gone.")
        }
        return license
    }

    private func refuseUnlessActive(_ license: LicenseRecord) throws(LicenseError) {
        switch license.status {
        case .active: return
        case .suspended:
            throw LicenseError(
                .licenseSuspended, "The vendor suspended the license \(license.id).")
        case .revoked:
            throw LicenseError(.licenseRevoked, "The vendor revoked the license \(license.id).")
        }
    }
}

extension LicenseRecord {
    /// Seconds until the gateway wants to hear from the instance; nil: never.
    fileprivate var nextCheckIn: Int64? {
        terms.mode == .standard ? terms.checkIn.interval : nil
    }
}
