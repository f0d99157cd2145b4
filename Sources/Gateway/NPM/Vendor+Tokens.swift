import CanonicalJSON
package import Diagnostics
package import FoundationEssentials
import HTTPTypes
import Packages
package import Storage

extension Vendor {
    /// Makes a token that stands for what somebody has shown.
    ///
    /// - Parameters:
    ///   - credentials: who it is; the new token is never for more than they may
    ///   - isReadOnly: it reads and changes nothing
    ///   - lifetime: in seconds; nil: until it is revoked
    /// - Returns: the token, to be shown this once, and what is kept of it
    /// - Throws: ``GatewayError`` 403 for somebody whose token only reads, ``StorageError``.
    func makeToken(
        for credentials: Credentials, isReadOnly: Bool = false, lifetime: TimeInterval? = nil
    ) async throws -> (token: Secret<String>, record: AccessTokenRecord) {
        guard !credentials.isReadOnly || isReadOnly else {
            throw GatewayError(
                .forbidden, .publishForbidden,
                "A token that only reads makes no token that does more.")
        }
        let scope: AccessTokenRecord.Scope
        switch credentials.asker {
        case .administrator: scope = .admin
        case .publisher(let publisher): scope = .publish(publisher.plugins)
        case .licensee(let license): scope = .license(license.id)
        case .anonymous: throw GatewayError.credentialsMissing
        }
        let made = AccessTokenRecord.make(
            named: credentials.userName, scope: scope, parent: credentials.tokenID,
            accessKey: credentials.accessKey, isReadOnly: isReadOnly, at: now(), lifetime: lifetime)
        do {
            try await records.accessTokens.add(made.record, by: credentials.actor)
        } catch {
            guard error.code == .tooManyTokens else { throw error }
            throw GatewayError(.conflict, error.code, error.message)
        }
        return made
    }

    /// The tokens that somebody may see: those of its license, or the one that is shown and those that
    /// were made with it.
    func tokens(of credentials: Credentials) async throws -> [AccessTokenRecord] {
        if let license = credentials.asker.license {
            return try await records.accessTokens.current(ofLicense: license.id, at: now())
        }
        guard let own = credentials.tokenID else { return [] }
        return try await records.accessTokens.current(madeWith: own, at: now())
    }

    /// Revokes one of those; a token that only reads revokes itself and no other.
    ///
    /// - Parameters:
    ///   - credentials: who asks
    ///   - isMeant: finds the token
    /// - Throws: ``GatewayError`` 403, 404.
    func revokeToken(
        of credentials: Credentials, where isMeant: (AccessTokenRecord) -> Bool
    ) async throws {
        guard let token = try await tokens(of: credentials).first(where: isMeant) else {
            throw GatewayError(
                .notFound, .recordNotFound, "You have no such token.",
                remedy: "Look with `npm token list`.")
        }
        guard !credentials.isReadOnly || token.id == credentials.tokenID else {
            throw GatewayError(
                .forbidden, .publishForbidden, "A token that only reads revokes no other token.")
        }
        try await records.accessTokens.revoke(token.id, by: credentials.actor, at: now())
    }

    /// Makes a token for whoever publishes certain plugins.
    ///
    /// - Parameters:
    ///   - name: who has it
    ///   - plugins: names; `@acme/*` is all of a scope
    ///   - lifetime: in seconds; nil: until it is revoked
    ///   - actor: who makes it
    /// - Returns: the token, to be shown this once
    /// - Throws: ``UsageError`` for a name that no plugin has, ``StorageError``.
    package func makePublishToken(
        named name: String, for plugins: [String], lifetime: TimeInterval?, by actor: Actor
    ) async throws -> (token: Secret<String>, record: AccessTokenRecord) {
        for plugin in plugins {
            let example = plugin.hasSuffix("/*") ? "\(plugin.dropLast(2))/x" : plugin
            guard let read = try? PackageName(example), read.scope != nil else {
                throw UsageError(
                    "\(quoted(plugin)) is no name of a plugin and no scope.",
                    remedy: "Write @acme/plugin-audit-log, or @acme/* for all of a scope.")
            }
        }
        let made = AccessTokenRecord.make(
            named: name, scope: .publish(plugins), at: now(), lifetime: lifetime)
        try await records.accessTokens.add(made.record, by: actor)
        return made
    }
}
