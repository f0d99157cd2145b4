import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Licensing
import Packages
import Storage

extension Vendor {
    /// Finds out who sends a request, by its header `Authorization`.
    ///
    /// A Bearer token is a license's own or one that the gateway handed out; Basic is an access key
    /// pair, or any user name with a token as its password, which is how npm sends `_auth`.
    ///
    /// A license counts for its rate limit, and who is wrong about a key or a password for the one of
    /// the address.
    ///
    /// - Throws: ``GatewayError`` 401 with a code; also without the header, unless there are free
    ///   plugins; 429.
    func credentials(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        let credentials = try await uncountedCredentials(request, context)
        if let license = credentials.asker.license {
            try rateLimits.check(license: license.id)
        }
        return credentials
    }

    private func uncountedCredentials(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        let revision = try await records.revisions.current().access
        guard let header = request.headers[.authorization] else {
            if try await profile().freePlugins.isEmpty { throw GatewayError.credentialsMissing }
            return Credentials(asker: .anonymous, revision: revision, userName: "anonymous")
        }
        if let known = knownCredentials.value(header, of: revision, at: now()) { return known }
        var found = try await credentials(header, context)
        found.revision = revision
        knownCredentials.keep(found, for: header, of: revision, until: found.goodUntil)
        return found
    }

    /// The same for somebody who has to say who they are.
    ///
    /// - Throws: ``GatewayError`` 401 with a code.
    func knownAsker(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        let credentials = try await credentials(request, context)
        if case .anonymous = credentials.asker { throw GatewayError.credentialsMissing }
        return credentials
    }

    private func credentials(
        _ header: String, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw GatewayError.credentialsMissing }
        let value = String(parts[1].drop { $0 == " " })
        switch parts[0].lowercased() {
        case "bearer":
            guard AccessTokenRecord.isToken(value) else {
                return try await credentials(signedToken: value)
            }
            return try await guarded(context) { try await credentials(accessToken: value) }
        case "basic":
            guard let decoded = Base64.decode(value),
                let text = String(validating: decoded, as: UTF8.self),
                let colon = text.firstIndex(of: ":")
            else {
                throw GatewayError.credentialsInvalid(
                    "The header Authorization is no user name and password in base64.")
            }
            return try await credentials(
                userName: String(text[..<colon]),
                password: String(text[text.index(after: colon)...]), context)
        default: throw GatewayError.credentialsMissing
        }
    }

    /// Finds out whose user name and password these are.
    ///
    /// - Throws: ``GatewayError`` 401, 429.
    func credentials(
        userName: String, password: String, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        try await guarded(context) {
            if AccessTokenRecord.isToken(password) {
                return try await credentials(accessToken: password)
            }
            return try await credentials(accessKey: userName, secret: password)
        }
    }

    /// Looks at what can be guessed, unless the address was wrong too often.
    private func guarded(
        _ context: GatewayRequestContext, _ find: () async throws -> Credentials
    ) async throws -> Credentials {
        try rateLimits.checkFailures(of: context.address)
        do {
            return try await find()
        } catch let error as GatewayError where error.status == .unauthorized {
            rateLimits.countFailure(address: context.address)
            throw error
        }
    }

    private func credentials(
        accessKey userName: String, secret password: String
    ) async throws -> Credentials {
        guard let key = try await records.accessKeys.accessKey(id: userName),
            key.isSecret(password),
            let license = try await records.licenses.license(id: key.license)
        else {
            throw GatewayError.credentialsInvalid(
                "The gateway has no access key pair of this user name and password.")
        }
        return Credentials(
            asker: .licensee(license), userName: key.id, accessKey: key.id,
            goodUntil: license.terms.nextTurn(after: now()))
    }

    private func credentials(signedToken token: String) async throws -> Credentials {
        if SessionToken.isToken(token) { return try await credentials(sessionToken: token) }
        return try await credentials(licenseToken: token)
    }

    private func credentials(accessToken: String) async throws -> Credentials {
        let digest = AccessTokenRecord.digest(of: accessToken)
        guard let token = try await records.accessTokens.token(digest: digest, at: now()) else {
            throw GatewayError.credentialsInvalid(
                "The gateway has no such token, or it was revoked or is over.")
        }
        let asker: Asker
        switch token.scope {
        case .admin: asker = .administrator(tokenID: token.id)
        case .publish(let plugins):
            asker = .publisher(
                Asker.Publisher(name: token.name, plugins: plugins, tokenID: token.id))
        case .license(let id):
            guard let license = try await records.licenses.license(id: id) else {
                throw GatewayError.credentialsInvalid("The gateway has no license \(id).")
            }
            asker = .licensee(license)
        }
        // The end of a token that it was made with comes as a change that the gateway notices, but
        // for one that ends by itself: so none is trusted for long.
        let end = [token.expires, token.parent.map { _ in now().addingTimeInterval(60) }]
        return Credentials(
            asker: asker, userName: token.name, tokenID: token.id, accessKey: token.accessKey,
            isReadOnly: token.isReadOnly,
            goodUntil: (end + [asker.license?.terms.nextTurn(after: now())]).compactMap(\.self)
                .min())
    }

    private func credentials(sessionToken: String) async throws -> Credentials {
        guard let session = SessionToken(sessionToken, at: now()),
            let key = try await records.accessKeys.accessKey(id: session.accessKey),
            session.isSigned(with: keys.sessionSecret(of: key)),
            let license = try await records.licenses.license(id: key.license)
        else {
            throw GatewayError.credentialsInvalid(
                "The session is over, or its access key pair was replaced.")
        }
        return Credentials(
            asker: .licensee(license), userName: key.id, accessKey: key.id,
            goodUntil: [session.ends, license.terms.nextTurn(after: now())].compactMap(\.self).min()
        )
    }

    /// Verifies a license's own token and finds its record, which has the last word.
    ///
    /// The record may have changed after the token was signed: status, plugins, instances.
    private func credentials(licenseToken: String) async throws -> Credentials {
        let claims = try verify(licenseToken)
        guard let license = try await records.licenses.license(id: claims.licenseID) else {
            throw GatewayError.credentialsInvalid("The gateway has no license \(claims.licenseID).")
        }
        let bound = try await records.installations.current(of: license.id, at: now())
        guard claims.isFor(instances: Set(bound.map(\.instance))) else {
            throw GatewayError.credentialsInvalid(
                "The license is no longer bound to this instance.")
        }
        let ends =
            bound.map(\.validUntil) + [claims.expires, license.terms.nextTurn(after: now())]
        return Credentials(
            asker: .licensee(license), userName: license.id,
            goodUntil: ends.compactMap(\.self).min())
    }

    private func verify(_ compact: String) throws -> LicenseClaims {
        let claims: LicenseClaims
        do {
            claims = try UnverifiedLicenseToken(compact).verified(by: keys.licenseKeySet()).claims
        } catch {
            throw GatewayError.credentialsInvalid(
                "The token is not one that this gateway signed.", cause: error)
        }
        if let expires = claims.expires, expires <= now() {
            throw GatewayError.credentialsInvalid("The lease of the token is over.")
        }
        if let begins = claims.notBefore, now() < begins {
            throw GatewayError.credentialsInvalid("The license begins at \(begins.wireText).")
        }
        return claims
    }
}

extension GatewayError {
    static var credentialsMissing: GatewayError {
        GatewayError(
            .unauthorized, .credentialsMissing,
            "The request has no token and no access key pair in its header Authorization.",
            headers: [.wwwAuthenticate: "Bearer"])
    }

    static func credentialsInvalid(
        _ sentence: String, cause: (any Error)? = nil
    ) -> GatewayError {
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
