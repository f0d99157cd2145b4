import CanonicalJSON
import Cryptography
package import Diagnostics
import FoundationEssentials
package import Licensing
package import Storage
import SystemPackage

extension Vendor {
    /// Issues a license with a new key, of which only the digest is kept.
    ///
    /// - Parameters:
    ///   - name: the licensee's; an account of that name is made when there is none
    ///   - terms: what it says
    ///   - accessKey: its access key pair, of which only a digest is kept too
    ///   - actor: who issues it
    /// - Returns: the license and its key
    /// - Throws: ``UsageError`` for a mode without keys and for terms that no instance could be
    ///   told, ``StorageError``.
    package func issueLicense(
        to name: String, _ terms: LicenseTerms, accessKey: AccessKey = .make(), by actor: Actor
    ) async throws -> (LicenseRecord, LicenseKey) {
        guard let mode = LicenseKey.Mode(rawValue: terms.mode.rawValue) else {
            throw UsageError("A license that is \(terms.mode.rawValue) has no key.")
        }
        let license = try await newLicense(to: name, terms, root: nil)
        let key = try await licenseKey(of: license.id, mode)
        try await records.licenses.add(
            license, keyDigest: key.lookupDigest,
            accessKey: accessKey.record(ofLicense: license.id),
            by: actor)
        return (license, key)
    }

    /// The key that a license of this ID and mode has.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    private func licenseKey(
        of license: String, _ mode: LicenseKey.Mode
    ) async throws -> LicenseKey {
        let fingerprint = try await onBlockingThread {
            guard let root = try metadataFile("1.root.json") else {
                throw StorageError(
                    .dataFolderUnusable, "1.root.json is not in \(folder.metadata).")
            }
            return try RootFingerprint(of: root)
        }
        return LicenseKey.make(
            mode: mode, secretBytes: keys.licenseKeySecret(license),
            rootFingerprint: fingerprint)
    }

    /// What a customer with the access key pair is given to activate the license with: its key, or
    /// the token of an offline license.
    ///
    /// - Returns: nil for a license whose key does not follow from its ID: it is older than that
    /// - Throws: ``StorageError``, ``TrustError`` `trust.signing-key`.
    func activation(of license: LicenseRecord) async throws -> Secret<String>? {
        if license.terms.mode == .offline { return try await offlineToken(of: license.id) }
        guard let mode = LicenseKey.Mode(rawValue: license.terms.mode.rawValue) else { return nil }
        let key = try await licenseKey(of: license.id, mode)
        guard try await records.licenses.keyDigest(of: license.id) == key.lookupDigest
        else { return nil }
        return key.text
    }

    /// Puts a new access key pair in the place of a license's last one.
    ///
    /// Sessions and tokens of the last one end at once.
    ///
    /// - Returns: the pair, to be shown this once
    /// - Throws: ``StorageError`` `gateway.record-not-found`.
    package func rotateAccessKey(
        ofLicense id: String, by actor: Actor
    ) async throws -> AccessKey {
        let key = AccessKey.make()
        try await records.accessKeys.replace(
            with: key.record(ofLicense: id), by: actor, at: now())
        return key
    }

    /// Issues a license without a key, bound to instances that never ask: they get ``offlineToken``.
    ///
    /// - Parameters:
    ///   - name: the licensee's; an account of that name is made when there is none
    ///   - terms: what it says
    ///   - instances: whom it is for, one at least
    ///   - accessKey: its access key pair, of which only a digest is kept
    ///   - actor: who issues it
    /// - Returns: the license and its token
    /// - Throws: ``UsageError`` for terms that are not offline or that no instance could be told,
    ///   ``TrustError`` `trust.signing-key`, ``StorageError``.
    package func issueOfflineLicense(
        to name: String, _ terms: LicenseTerms, for instances: [InstanceID],
        accessKey: AccessKey = .make(), by actor: Actor
    ) async throws -> (LicenseRecord, Secret<String>) {
        guard terms.mode == .offline, !instances.isEmpty else {
            throw UsageError("An offline license is for one instance at least.")
        }
        let root = try await rootListingLicenseKeys()
        let license = try await newLicense(to: name, terms, for: instances, root: root)
        try await records.licenses.add(
            license, keyDigest: nil, accessKey: accessKey.record(ofLicense: license.id),
            boundTo: Set(instances.map(\.description)).sorted(), by: actor)
        return (license, try await offlineToken(of: license.id))
    }

    /// A fresh token of an offline license, for whoever carries it to the instance.
    ///
    /// - Throws: ``UsageError`` for a license of another mode, ``StorageError``
    ///   `gateway.record-not-found`, ``TrustError`` `trust.signing-key`.
    package func offlineToken(of id: String) async throws -> Secret<String> {
        let bindings = try await records.installations.bindings(of: id, at: now())
        guard bindings.license.terms.mode == .offline else {
            throw UsageError(
                """
                The license \(id) is \(bindings.license.terms.mode.rawValue): its instance fetches \
                its tokens by itself.
                """, remedy: "Give the customer its key.")
        }
        return try token(
            of: bindings, profile: try await profile(), root: try await rootListingLicenseKeys())
    }

    /// Changes what a license says.
    ///
    /// - Parameters:
    ///   - id: the license's
    ///   - action: what the audit log calls it
    ///   - actor: who changes it
    ///   - change: the change
    /// - Returns: the license as it is then
    /// - Throws: ``UsageError`` for one that was revoked and for terms that no instance could be
    ///   told, ``StorageError`` `gateway.record-not-found`, what `change` throws.
    package func changeLicense(
        _ id: String, as action: String, by actor: Actor,
        _ change: @Sendable @escaping (inout LicenseTerms) throws -> Void
    ) async throws -> LicenseRecord {
        let profile = try await profile()
        let bindings = try await records.installations.bindings(of: id, at: now())
        let root = try await rootInTokens(of: bindings.license.terms)
        let instances = try bindings.ofVersionOne.map { try InstanceID($0.instance) }
        return try await records.licenses.change(id, as: action, by: actor, at: now()) { license in
            try refuseIfRevoked(license)
            try change(&license.terms)
            try checkIssuable(license, boundTo: instances, profile, root: root)
        }
    }

    /// Suspends, resumes or revokes a license.
    ///
    /// - Throws: ``UsageError`` for one that was revoked, ``StorageError``
    ///   `gateway.record-not-found`.
    package func setStatus(
        _ status: LicenseRecord.Status, ofLicense id: String, as action: String, by actor: Actor
    ) async throws -> LicenseRecord {
        try await records.licenses.change(id, as: action, by: actor, at: now()) { license in
            try refuseIfRevoked(license)
            license.status = status
        }
    }

    /// Binds a license to other instances, or to the next that activates it; no move is counted.
    ///
    /// - Parameters:
    ///   - id: the license's
    ///   - instances: who holds it from now on; none: the next that activates it
    ///   - windowDays: for how long those that are left may still use it; nil: as the license says
    ///   - actor: who decides it
    /// - Returns: the license with its instances
    /// - Throws: ``UsageError`` for one that was revoked and for instances that it cannot have,
    ///   ``StorageError`` `gateway.record-not-found`.
    package func rebindLicense(
        _ id: String, to instances: [InstanceID], windowDays: Int?, by actor: Actor
    ) async throws -> LicenseBindings {
        let profile = try await profile()
        let license = try await records.installations.bindings(of: id, at: now()).license
        let root = try await rootInTokens(of: license.terms)
        let isOffline = license.terms.mode == .offline
        guard isOffline ? !instances.isEmpty : instances.count <= 1 else {
            throw UsageError(
                isOffline
                    ? "The offline license \(id) is for one instance at least."
                    : "The license \(id) is for one instance, not \(instances.count).",
                remedy: "Say --instance \(isOffline ? "for each" : "once").")
        }
        var window = license.terms.rebinding
        if let windowDays { window.windowDays = windowDays }
        return try await records.installations.rebind(
            id, to: Set(instances.map(\.description)).sorted(),
            leavingUntil: window.windowEnd(from: now()), by: actor, at: now()
        ) { bindings in
            try refuseIfRevoked(bindings.license)
            let bound = try bindings.ofVersionOne.map { try InstanceID($0.instance) }
            try checkIssuable(bindings.license, boundTo: bound, profile, root: root)
        }
    }

    /// A license that could be issued.
    private func newLicense(
        to name: String, _ terms: LicenseTerms, for instances: [InstanceID] = [], root: JSONValue?
    ) async throws -> LicenseRecord {
        let id = "lic_" + Hex.encode(SecureRandom.bytes(12))
        let created = now()
        func license(of account: LicenseAccount) -> LicenseRecord {
            LicenseRecord(id: id, account: account, terms: terms, created: created)
        }
        // An ID is as long as that of an account, which is made only for a license that can be.
        try checkIssuable(
            license(of: LicenseAccount(id: id, name: name)), boundTo: instances,
            try await profile(), root: root)
        return license(of: try await records.licenses.account(named: name, at: created))
    }

    private func rootInTokens(of terms: LicenseTerms) async throws -> JSONValue? {
        terms.mode == .offline ? try await rootListingLicenseKeys() : nil
    }
}

/// - Throws: ``UsageError`` for a license that was revoked.
private func refuseIfRevoked(_ license: LicenseRecord) throws(UsageError) {
    guard license.status != .revoked else {
        throw UsageError(
            "The license \(license.id) was revoked, which is for good.",
            remedy: "Issue a new license.")
    }
}
