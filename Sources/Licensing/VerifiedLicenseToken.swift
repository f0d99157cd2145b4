internal import CanonicalJSON
internal import Cryptography
package import Diagnostics

/// A license token whose signature a key of the vendor's made.
///
/// Only ``UnverifiedLicenseToken/verified(by:)`` and ``LicenseSigner`` make one. Whether it is in
/// force here and now is another question, which ``evaluate(_:instance:facts:memory:now:)`` answers.
package struct VerifiedLicenseToken: Sendable {
    /// The whole token: it opens downloads, so it is a secret.
    package let compact: Secret<String>
    package let claims: LicenseClaims

    init(compact: String, claims: LicenseClaims) {
        self.compact = Secret(compact)
        self.claims = claims
    }

    /// Refuses a token that does not answer this run's request.
    ///
    /// - Throws: ``LicenseError`` with code `license.replayed`.
    package func requireAnswer(to nonce: String) throws(LicenseError) {
        guard let echoed = claims.nonce,
            constantTimeEqual(Array(echoed.utf8), Array(nonce.utf8))
        else {
            throw LicenseError(
                .licenseReplayed,
                "The token \(claims.tokenID) of \(claims.issued.wireText) answers another request.")
        }
    }

    /// Refuses a token that answers the activation of another key.
    ///
    /// - Throws: ``LicenseError`` with code `license.replayed`.
    package func requireActivation(of key: LicenseKey, nonce: String) throws(LicenseError) {
        guard let proof = claims.keyProof,
            constantTimeEqual(Array(proof.utf8), Array(key.proof(nonce: nonce).utf8))
        else {
            throw LicenseError(
                .licenseReplayed,
                "The token \(claims.tokenID) of \(claims.licenseID) does not answer this license key."
            )
        }
    }
}
