import FoundationEssentials
package import Packages
package import Storage

/// Who sends a request.
package enum Asker: Sendable, Hashable {
    /// Nobody that we know: only free plugins are for them.
    case anonymous
    /// Somebody with a license, by its token, its access key pair or a token of that pair.
    case licensee(LicenseRecord)
    /// Somebody with a publish token.
    case publisher(Publisher)
    case administrator(tokenID: String)

    /// Who may publish what.
    package struct Publisher: Sendable, Hashable {
        package let name: String
        /// Names of plugins; `@acme/*` is all of a scope.
        package let plugins: [String]
        package let tokenID: String

        package init(name: String, plugins: [String], tokenID: String) {
            self.name = name
            self.plugins = plugins
            self.tokenID = tokenID
        }

        package func mayPublish(_ plugin: PackageName) -> Bool {
            plugins.contains { granted in
                granted == plugin.description
                    || (granted.hasSuffix("/*")
                        && granted.dropLast(2) == "@\(plugin.scope ?? "")")
            }
        }
    }

    /// The license, where one asks by it.
    package var license: LicenseRecord? {
        guard case .licensee(let license) = self else { return nil }
        return license
    }
}

/// An asker with what its credentials say besides.
struct Credentials: Sendable {
    let asker: Asker
    /// The revision of who may have what that they were read under.
    var revision: Int64 = 0
    /// What `npm whoami` prints.
    let userName: String
    /// The ID of the token that was shown; nil for a license's own token and for an access key pair.
    var tokenID: String?
    /// The ID of the license's access key pair that was shown, or that the token came from.
    var accessKey: String?
    /// The token reads and changes nothing.
    var isReadOnly = false
    /// From this moment on it has to be looked at again, however little changed; nil: never.
    var goodUntil: Date?
}
