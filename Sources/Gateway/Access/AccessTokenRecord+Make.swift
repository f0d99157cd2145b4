import Cryptography
package import Diagnostics
package import FoundationEssentials
package import Storage

extension AccessTokenRecord {
    /// A new token with what is kept of it.
    ///
    /// - Parameters:
    ///   - name: who has it, for people
    ///   - scope: what it is for
    ///   - parent: the token that it is made with
    ///   - accessKey: the ID of the access key pair that it is made with
    ///   - isReadOnly: it reads and changes nothing
    ///   - now: the present time
    ///   - lifetime: in seconds; nil: until it is revoked
    /// - Returns: the token, to be shown this once, and its record
    package static func make(
        named name: String, scope: Scope, parent: String? = nil, accessKey: String? = nil,
        isReadOnly: Bool = false,
        at now: Date, lifetime: TimeInterval? = nil
    ) -> (token: Secret<String>, record: AccessTokenRecord) {
        let prefix =
            switch scope {
            case .admin: "tga_"
            case .publish: "tgp_"
            case .license: "tgt_"
            }
        let text = prefix + Base64URL.encode(SecureRandom.bytes(32))
        let record = AccessTokenRecord(
            id: "tok_" + Hex.encode(SecureRandom.bytes(12)), digest: digest(of: text), name: name,
            scope: scope, parent: parent, accessKey: accessKey, isReadOnly: isReadOnly,
            created: now,
            expires: lifetime.map { now.addingTimeInterval($0) })
        return (Secret(text), record)
    }

    /// Whether the text has the form of such a token; a license's own token has not.
    static func isToken(_ text: String) -> Bool {
        ["tga_", "tgp_", "tgt_"].contains { text.hasPrefix($0) }
    }

    static func digest(of token: String) -> Digest {
        Digest.of(.sha256, Array(token.utf8))
    }
}
