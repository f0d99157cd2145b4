import Diagnostics
import HTTPTypes
import Hummingbird
import Packages
import Storage

extension Vendor {
    /// Who sends a request that changes a plugin, if they may.
    ///
    /// - Throws: ``GatewayError`` 401, 403 `registry.publish-forbidden`.
    func publisher(
        of name: PackageName, _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Credentials {
        let credentials = try await knownAsker(request, context)
        let sentence: String
        switch credentials.asker {
        case _ where credentials.isReadOnly: sentence = "The token reads and changes nothing."
        case .administrator: return credentials
        case .publisher(let publisher) where publisher.mayPublish(name): return credentials
        case .publisher(let publisher):
            sentence = """
                The token \(quoted(publisher.name)) is for \
                \(publisher.plugins.joined(separator: ", ")), not for \(name).
                """
        case .licensee, .anonymous:
            sentence = "A license installs plugins; to publish takes a publish token."
        }
        throw GatewayError(.forbidden, .publishForbidden, sentence)
    }
}

extension Credentials {
    /// Who it is, for the audit log.
    var actor: Actor {
        tokenID.map { Actor("token:\($0)") } ?? Actor("access-key:\(userName)")
    }
}
