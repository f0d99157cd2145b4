import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import SignedMetadata

/// By which keys tokens are verified where no gateway is asked.
///
/// In this order: the signed file of the metadata that earlier runs left; the keys that the root
/// lists, which the vendor baked into the image or which `TOLLGATE_TRUST_ROOT` names; the root inside
/// an offline token, when there is no other root: what a person pastes vouches for the vendor the
/// first time, a key by the fingerprint in it, a token by the root in it. A root inside a token that
/// follows the one that is trusted brings new license keys the way that roots always do: signed by
/// both. Nothing on the disk but the first root is believed without a signature.
extension LicenseSession {
    static let licenseKeysFile = "keys/license.json"

    /// The keys for the tokens that count; none when nothing vouches for any.
    ///
    /// - Throws: ``DiskError``, ``TrustError`` for a root that cannot be used.
    func verificationKeys() throws -> LicenseKeySet {
        let stored = try storedMetadata()
        let known = try stored.flatMap(licenseKeys)
        for token in givenTokens where known?[token.keyID] == nil {
            // One that is not believed is refused by itself, and leaves the others theirs.
            guard let stated = try? rootStated(by: token, stored),
                let keys = try? keys(listedIn: stated.root)
            else { continue }
            return keys
        }
        return known ?? LicenseKeySet()
    }

    /// Verifies an offline token that was pasted, and keeps what makes it believable.
    ///
    /// - Throws: `license.signer-unknown`, other ``LicenseError``, ``TrustError``, ``DiskError``.
    func verifyPasted(_ token: UnverifiedLicenseToken) throws -> VerifiedLicenseToken {
        let stored = try storedMetadata()
        let known = try stored.flatMap(licenseKeys)
        if let known, known[token.keyID] != nil { return try token.verified(by: known) }
        guard let stated = try rootStated(by: token, stored) else {
            if let known { return try token.verified(by: known) }
            throw TrustError(
                .trustNoRoot,
                """
                The license token has no root in it, and neither TOLLGATE_TRUST_ROOT nor \
                \(LocalRoot.savedPath(settings)) is there to verify it by.
                """)
        }
        let verified = try token.verified(by: keys(listedIn: stated.root))
        if var stored {
            // It is of an older root; the next contact brings another. Removed first: killed here,
            // the token can be added again.
            try MetadataFolder(settings.storage).removeFile(Self.licenseKeysFile)
            try stored.keep(stated.chain)
        } else {
            try saved.saveRoot(stated.chain.latest)
        }
        return verified
    }

    /// What earlier runs left of the vendor's metadata; nil when there is no first root.
    private func storedMetadata() throws -> StoredMetadata? {
        guard let first = try LocalRoot(settings) else { return nil }
        do throws(TrustError) {
            return try StoredMetadata(
                firstRoot: first.bytes, store: MetadataFolder(settings.storage))
        } catch {
            throw TrustError(firstRoot: first.path, cause: error)
        }
    }

    private func licenseKeys(_ stored: StoredMetadata) throws -> LicenseKeySet? {
        if let target = stored.target(Self.licenseKeysFile),
            let file = try MetadataFolder(settings.storage).file(target)
        {
            return try LicenseKeySet(jwks: file)
        }
        return stored.root.licenseKeys == nil ? nil : try keys(listedIn: stored.root)
    }

    /// The root inside a token, when it may be believed; nil when the token has none.
    private func rootStated(
        by token: UnverifiedLicenseToken, _ stored: StoredMetadata?
    ) throws -> (chain: RootChain, root: Root)? {
        guard let chain = token.unverifiedRoot.map(RootChain.init) else { return nil }
        guard let stored else {
            return (chain, try TrustedMetadata(trustedRoot: chain.latest, now: now).root)
        }
        do {
            return (chain, try stored.root(following: chain))
        } catch {
            throw LicenseError(
                .licenseSignerUnknown,
                """
                The token is signed with the key "\(token.keyID)", which the vendor's root on this \
                machine does not list, and the root inside the token does not follow that one.
                """, cause: error)
        }
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
