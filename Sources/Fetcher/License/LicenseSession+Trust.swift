import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import SignedMetadata

/// By which keys tokens are verified where no gateway is asked.
///
/// In this order: what the signed metadata last said (`license-keys.json`); the keys that the root
/// lists, which the vendor baked into the image or which `TOLLGATE_TRUST_ROOT` names; the root inside
/// an offline token, when there is no other root: what a person pastes vouches for the vendor the
/// first time, a key by the fingerprint in it, a token by the root in it. A root inside a token that
/// follows the one that is trusted brings new license keys the way that roots always do: signed by
/// both.
extension LicenseSession {
    /// The keys for the tokens that count; nil when nothing vouches for any.
    ///
    /// - Throws: ``DiskError``, ``TrustError`` for a root that cannot be used.
    func verificationKeys() throws -> LicenseKeySet? {
        let known = try saved.licenseKeys() ?? keysInTrustedRoot()
        for token in givenTokens where known?[token.keyID] == nil {
            guard let stated = try rootStated(by: token) else { continue }
            return try keys(listedIn: stated.root)
        }
        return known
    }

    /// Verifies an offline token that was pasted, and keeps what makes it believable.
    ///
    /// - Throws: `license.signer-unknown`, other ``LicenseError``, ``TrustError``, ``DiskError``.
    func verifyPasted(_ token: UnverifiedLicenseToken) throws -> VerifiedLicenseToken {
        let known = try saved.licenseKeys() ?? keysInTrustedRoot()
        if let known, known[token.keyID] != nil { return try token.verified(by: known) }
        guard let stated = try rootStated(by: token) else {
            if let known { return try token.verified(by: known) }
            throw TrustError(
                .trustNoRoot,
                """
                The license token has no root in it, and neither TOLLGATE_TRUST_ROOT nor \
                \(settings.storage.license)/root.json is there to verify it by.
                """)
        }
        let keys = try keys(listedIn: stated.root)
        let verified = try token.verified(by: keys)
        if try trustedRoot() == nil { try saved.saveRoot(stated.bytes) }
        try saved.saveLicenseKeys(keys.jwks)
        return verified
    }

    private func keysInTrustedRoot() throws -> LicenseKeySet? {
        guard let bytes = try trustedRoot() else { return nil }
        let root = try TrustedMetadata(trustedRoot: bytes, now: now).root
        return root.licenseKeys == nil ? nil : try keys(listedIn: root)
    }

    /// The root that is trusted here: as metadata last said, else the first one.
    private func trustedRoot() throws -> [UInt8]? {
        if let path = settings.trustRoot { return try Disk.read(path) }
        return try MetadataFolder(settings.storage).load(TopLevelRole.root.rawValue) ?? saved.root()
    }

    /// The root inside a token, when it may be believed; nil when the token has none.
    private func rootStated(
        by token: UnverifiedLicenseToken
    ) throws -> (bytes: [UInt8], root: Root)? {
        guard let bytes = token.unverifiedRoot?.compactBytes else { return nil }
        guard let trusted = try trustedRoot() else {
            return (bytes, try TrustedMetadata(trustedRoot: bytes, now: now).root)
        }
        var metadata = try TrustedMetadata(trustedRoot: trusted, now: now)
        do {
            try metadata.updateRoot(bytes)
        } catch {
            throw LicenseError(
                .licenseSignerUnknown,
                """
                The token is signed with the key "\(token.keyID)", which the vendor's root on this \
                machine does not list, and the root inside the token does not follow that one.
                """, cause: error)
        }
        return (bytes, metadata.root)
    }

    private func keys(listedIn root: Root) throws(LicenseError) -> LicenseKeySet {
        guard let listed = root.licenseKeys else {
            throw LicenseError(
                .licenseSignerUnknown,
                "Version \(root.version) of the vendor's root lists no license keys.")
        }
        return try LicenseKeySet(jwks: listed.compactBytes)
    }
}
