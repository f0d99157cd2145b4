import Cryptography
import Diagnostics
package import Licensing
package import Storage
import SystemPackage

extension Vendor {
    /// Issues a license with a new key, which nobody can show again: only its digest is kept.
    ///
    /// - Parameters:
    ///   - name: the licensee's; an account of that name is made when there is none
    ///   - terms: what it says
    ///   - actor: who issues it
    /// - Returns: the license and its key
    /// - Throws: ``UsageError`` for a mode without keys and for terms that no instance could be
    ///   told, ``StorageError``.
    package func issueLicense(
        to name: String, _ terms: LicenseTerms, by actor: Actor
    ) async throws -> (LicenseRecord, LicenseKey) {
        guard let mode = LicenseKey.Mode(rawValue: terms.mode.rawValue) else {
            throw UsageError("A license that is \(terms.mode.rawValue) has no key.")
        }
        let fingerprint = try await onBlockingThread {
            guard let root = try metadataFile("1.root.json") else {
                throw StorageError(
                    .dataFolderUnusable, "1.root.json is not in \(folder.metadata).")
            }
            return try RootFingerprint(of: root)
        }
        let id = "lic_" + Hex.encode(SecureRandom.bytes(12))
        let created = now()
        func license(of account: LicenseAccount) -> LicenseRecord {
            LicenseRecord(id: id, account: account, terms: terms, created: created)
        }
        // An ID is as long as that of an account, which is made only for a license that can be.
        try checkIssuable(
            license(of: LicenseAccount(id: id, name: name)), try await profile())
        let license = license(
            of: try await records.licenses.account(named: name, at: created))
        let key = LicenseKey.make(
            mode: mode, secretBytes: SecureRandom.bytes(16), rootFingerprint: fingerprint)
        try await records.licenses.add(license, keyDigest: key.lookupDigest, by: actor)
        return (license, key)
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
        return try await records.licenses.change(id, as: action, by: actor, at: now()) { license in
            guard license.status != .revoked else {
                throw UsageError(
                    "The license \(id) was revoked, which is for good.",
                    remedy: "Issue a new license.")
            }
            try change(&license.terms)
            try checkIssuable(license, profile)
        }
    }
}
