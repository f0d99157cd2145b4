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
            isReadOnly: isReadOnly, at: now(), lifetime: lifetime)
        try await records.accessTokens.add(made.record, by: credentials.actor)
        return made
    }

    /// The tokens that somebody may see and revoke.
    func tokens(of credentials: Credentials) async throws -> [AccessTokenRecord] {
        try await records.accessTokens.current(at: now()).filter { owns(credentials, $0) }
    }

    /// Whether a token is somebody's own: one of its license, the one that is shown, or one that was
    /// made with it.
    func owns(_ credentials: Credentials, _ token: AccessTokenRecord) -> Bool {
        if case .licensee(let license) = credentials.asker {
            return token.scope == .license(license.id)
        }
        guard let own = credentials.tokenID else { return false }
        return token.id == own || token.parent == own
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
