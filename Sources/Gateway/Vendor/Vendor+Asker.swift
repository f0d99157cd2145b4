import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Licensing
import Packages
import Storage

/// Who sends a request, as far as licenses go.
struct Asker: Sendable {
    /// nil for somebody without a token: only free plugins are for them.
    let license: LicenseRecord?
}

extension Vendor {
    /// Finds the license behind the request's Bearer token.
    ///
    /// The token is verified locally first: signature, key, lease. Then the record has the last word,
    /// since it may have changed after the token was signed: its status, its plugins, its instances.
    ///
    /// - Throws: ``GatewayError`` 401 with a code.
    func asker(_ request: Request) async throws -> Asker {
        guard let header = request.headers[.authorization] else {
            if try await profile().freePlugins.isEmpty { throw credentialsMissing() }
            return Asker(license: nil)
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw credentialsMissing()
        }
        let claims = try verify(String(parts[1].drop { $0 == " " }))
        guard let license = try await records.licenses.license(id: claims.licenseID) else {
            throw credentialsInvalid("The gateway has no license \(claims.licenseID).")
        }
        let bound = try await records.installations.current(of: license.id, at: now())
            .map(\.instance)
        guard claims.isFor(instances: Set(bound)) else {
            throw credentialsInvalid("The license is no longer bound to this instance.")
        }
        return Asker(license: license)
    }

    private func verify(_ compact: String) throws -> LicenseClaims {
        let claims: LicenseClaims
        do {
            claims = try UnverifiedLicenseToken(compact).verified(by: keys.licenseKeySet()).claims
        } catch {
            throw credentialsInvalid("The token is not one that this gateway signed.", cause: error)
        }
        if let expires = claims.expires, expires <= now() {
            throw credentialsInvalid("The lease of the token is over.")
        }
        if let begins = claims.notBefore, now() < begins {
            throw credentialsInvalid("The license begins at \(begins.wireText).")
        }
        return claims
    }

    private func credentialsMissing() -> GatewayError {
        GatewayError(
            .unauthorized, .credentialsMissing,
            "The request has no license token in its header Authorization.",
            headers: [.wwwAuthenticate: "Bearer"])
    }

    private func credentialsInvalid(_ sentence: String, cause: (any Error)? = nil) -> GatewayError {
        GatewayError(
            .unauthorized, .credentialsInvalid, sentence,
            headers: [.wwwAuthenticate: "Bearer error=\"invalid_token\""], cause: cause)
    }
}

extension LicenseClaims {
    /// Whether a token still stands for the instances that may use the license.
    ///
    /// During a move it lists two, and either may be the one that it was signed for. That of the
    /// instance which is left ends with its window; so all count that are listed without an end, and
    /// one with an end does only where the license was freed.
    fileprivate func isFor(instances bound: Set<String>) -> Bool {
        let lasting = instances.filter { $0.until == nil }
        guard lasting.isEmpty else {
            return lasting.allSatisfy { bound.contains($0.id.description) }
        }
        return instances.contains { bound.contains($0.id.description) }
    }
}
