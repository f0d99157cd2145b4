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
    /// - Throws: ``UsageError`` for a mode without keys, ``StorageError``.
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
        let account = try await records.licenses.account(named: name, at: now())
        let license = LicenseRecord(
            id: "lic_" + Hex.encode(SecureRandom.bytes(12)), account: account, terms: terms,
            created: now())
        let key = LicenseKey.make(
            mode: mode, secretBytes: SecureRandom.bytes(16), rootFingerprint: fingerprint)
        try await records.licenses.add(license, keyDigest: key.lookupDigest, by: actor)
        return (license, key)
    }
}
