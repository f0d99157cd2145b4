import Cryptography
import Diagnostics
package import Licensing
package import Storage
import SystemPackage

/// What a license is issued with.
package struct LicenseOrder: Sendable {
    /// The licensee's name; an account of that name is made when there is none.
    package var account: String
    /// All that the license says but its ID, its account and the day it is issued.
    package var terms: @Sendable (_ id: String, _ account: LicenseRecord.Account) -> LicenseRecord

    package init(
        account: String,
        terms: @escaping @Sendable (_ id: String, _ account: LicenseRecord.Account) -> LicenseRecord
    ) {
        self.account = account
        self.terms = terms
    }
}

extension Vendor {
    /// Issues a license with a new key, which nobody can show again: only its digest is kept.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    package func issueLicense(
        _ order: LicenseOrder, by actor: Actor
    ) async throws -> (LicenseRecord, LicenseKey) {
        let fingerprint = try await onBlockingThread {
            guard let root = try metadataFile("1.root.json") else {
                throw StorageError(
                    .dataFolderUnusable, "1.root.json is not in \(folder.metadata).")
            }
            return try RootFingerprint(of: root)
        }
        let account = try await records.licenses.account(named: order.account, at: now())
        let license = order.terms("lic_" + Hex.encode(SecureRandom.bytes(12)), account)
        let key = LicenseKey.make(
            mode: license.mode == .airgapped ? .airgapped : .standard,
            secretBytes: SecureRandom.bytes(16), rootFingerprint: fingerprint)
        try await records.licenses.add(license, keyDigest: key.lookupDigest, by: actor)
        return (license, key)
    }
}
