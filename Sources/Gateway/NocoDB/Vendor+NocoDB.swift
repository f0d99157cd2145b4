import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Storage

extension Vendor {
    /// Binds a license to a NocoDB installation, or finds it bound, and answers with its secret and a
    /// token.
    ///
    /// - Throws: ``LicenseError`` `license.key-invalid`, `license.key-mismatch`,
    ///   `license.rebind-limit`, `license.not-yet-valid`, `license.airgap-refused`,
    ///   `license.suspended`, `license.revoked`.
    func register(_ request: NocoDBRequest.Registration) async throws -> JSONValue {
        guard
            let license = try await records.licenses.license(keyDigest: request.key.lookupDigest)
        else {
            throw LicenseError(
                .licenseKeyInvalid, "The gateway has issued no license with this key.")
        }
        try refuseUnlessBegun(license)
        if request.isAirgapped { try refuseUnlessAirgapped(license) }
        let key = try await nocoDBKey()
        let claim = InstanceClaim(
            instance: NocoDBInstallation.storedInstance(request.instance), facts: [:],
            environment: NocoDBInstallation.storedEnvironment(
                request.environment, instance: request.instance, isAirgapped: request.isAirgapped),
            purpose: .activation)
        // One that holds the license learns from its token how the license stands.
        let isKnown = try await records.installations.current(of: license.id, at: now())
            .contains { $0.instance == claim.instance }
        let result = try await records.installations.bind(
            claim, to: license.id, at: now()
        ) { bindings, record in
            if !isKnown { try refuseUnlessActive(bindings.license) }
            return try answer(bindings.license, for: record, key: key)
        }
        switch result {
        case .bound(let record, var answer):
            let secret = NocoDBSecret(of: record.id, isBound: request.instance != nil, keys)
            answer["installation_secret"] = .string(secret.text.reveal())
            answer["installation_id"] = .string(record.id)
            return .object(answer)
        case .occupied(let holders):
            throw occupied(license, by: holders, for: request.instance)
        case .limited(let limit):
            throw tooManyMoves(of: license, limit)
        }
    }

    /// The token and when to ask again.
    private func answer(
        _ license: LicenseRecord, for record: InstallationRecord, key: PrivateKey
    ) throws -> JSONObject {
        guard let installation = NocoDBInstallation(record) else {
            throw StorageError(
                .dataFolderUnusable, "The record of installation \(record.id) is damaged.")
        }
        return [
            "license_jwt": .string(
                try nocoDBToken(license, for: installation, key: key).reveal()),
            "heartbeat_interval_ms": .integer(heartbeatInterval(license, for: installation)),
        ]
    }

    /// Keeps what a check-in of NocoDB tells, and answers with a fresh token.
    ///
    /// - Parameters:
    ///   - request: the check-in
    ///   - body: its raw bytes
    ///   - fields: what was read from them
    /// - Returns: the answer's members
    /// - Throws: ``LicenseError`` `license.installation-not-found`, `license.check-in-signature`.
    func renew(
        _ request: NocoDBRequest.Heartbeat, body: [UInt8], fields: JSONValue
    ) async throws -> JSONValue {
        let id = request.installationID
        let remedy = "Remove the saved license (NC_LICENSE_DATA) and start NocoDB with its key."
        let unknown = LicenseError(
            .installationUnknown,
            "The gateway has no installation \(quoted(id, limit: 64)) of NocoDB.", remedy: remedy)
        guard let record = try await records.installations.installation(id: id),
            record.isCurrent(at: now()), let installation = NocoDBInstallation(record)
        else { throw unknown }
        let secret = NocoDBSecret(of: id, isBound: installation.instance != nil, keys)
        guard secret.isValid(request.signature, body: body, fields: fields) else {
            throw LicenseError(
                .checkInSignatureInvalid,
                "The check-in is not signed with the secret of installation \(id).",
                remedy: remedy)
        }
        let key = try await nocoDBKey()
        let told = CheckInReport(
            counter: request.timestamp, report: ["seat_count": .integer(request.seatCount)],
            environment: NocoDBInstallation.storedEnvironment(
                request.environment, instance: installation.instance,
                isAirgapped: installation.isAirgapped), beginsAnew: false)
        guard let known = try await records.installations.checkIn(id, told, at: now()),
            let renewed = try await records.installations.installation(id: id)
        else { throw unknown }
        return .object(try answer(known.bindings.license, for: renewed, key: key))
    }

    /// Nothing in NocoDB's token says that it waits.
    private func refuseUnlessBegun(_ license: LicenseRecord) throws(LicenseError) {
        guard let begins = license.terms.begins, license.terms.isToCome(at: now()) else { return }
        throw LicenseError(
            .licenseNotYetValid, "The license \(license.id) begins at \(begins.wireText).")
    }

    private func refuseUnlessAirgapped(_ license: LicenseRecord) throws(LicenseError) {
        guard license.terms.expires != nil else {
            throw LicenseError(
                .airgapRefused,
                "The license \(license.id) has no expiry, which an airgapped one needs.")
        }
        guard license.terms.mode == .airgapped else {
            throw LicenseError(
                .airgapRefused,
                "The license \(license.id) is \(license.terms.mode.rawValue), not airgapped.")
        }
    }

    private func occupied(
        _ license: LicenseRecord, by current: [InstallationRecord], for instance: NocoDBInstance?
    ) -> LicenseError {
        let isUnnamed = current.contains { record in
            NocoDBInstallation(record).map { $0.instance == nil } ?? false
        }
        guard let instance, !isUnnamed else {
            return LicenseError(
                .licenseKeyMismatch, "The license \(license.id) is already activated.")
        }
        let bound = current.map(\.instance).joined(separator: ", ")
        return LicenseError(
            .licenseKeyMismatch,
            """
            The license is bound to another installation, \(bound); this one is \
            \(quoted(instance.text)).
            """)
    }
}
