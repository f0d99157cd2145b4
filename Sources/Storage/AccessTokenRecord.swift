package import Cryptography
package import FoundationEssentials

/// What the gateway keeps of a token that it handed out: never the token itself.
package struct AccessTokenRecord: Sendable, Hashable {
    /// What the one who shows it may do.
    package enum Scope: Sendable, Hashable {
        /// Everything.
        case admin
        /// Publish, deprecate, withdraw and tag the plugins of these names; `@acme/*` is a scope.
        case publish([String])
        /// What the license of this ID may have.
        case license(String)
    }

    /// `tok_` and 24 hexadecimal digits.
    package let id: String
    /// SHA-256 of the token.
    package let digest: Digest
    /// Who has it, for people: `npm whoami`.
    package let name: String
    package let scope: Scope
    /// The token that it was made with: it ends with that one.
    package let parent: String?
    /// The ID of the access key pair that a licensee's token came from: it ends with that pair.
    package let accessKey: String?
    /// It reads and changes nothing, whatever its scope is.
    package let isReadOnly: Bool
    package let created: Date
    /// nil: it ends when somebody revokes it.
    package let expires: Date?

    package init(
        id: String, digest: Digest, name: String, scope: Scope, parent: String? = nil,
        accessKey: String? = nil, isReadOnly: Bool = false, created: Date, expires: Date? = nil
    ) {
        self.id = id
        self.digest = digest
        self.name = name
        self.scope = scope
        self.parent = parent
        self.accessKey = accessKey
        self.isReadOnly = isReadOnly
        self.created = created
        self.expires = expires
    }
}

extension AccessTokenRecord.Scope {
    /// The scope's word in the database and in listings.
    package var word: String {
        switch self {
        case .admin: "admin"
        case .publish: "publish"
        case .license: "license"
        }
    }
}
