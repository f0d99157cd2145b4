import Diagnostics
import FoundationEssentials
import HTTPTypes

/// Where Redis is: `redis://[user:password@]host[:port][/database]`.
///
/// The database has no meaning for messages and is left aside.
package struct RedisAddress: Sendable {
    let host: String
    let port: Int32
    let user: String?
    let password: Secret<String>?

    /// - Throws: `replicas.redis-address`, which shows nothing of the text: it may be a password
    package init(_ text: String) throws(AgentError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased() else {
            throw Self.refused("It cannot be read as an address.")
        }
        guard scheme == "redis" else {
            throw Self.refused(
                scheme == "rediss" ? "It asks for TLS." : "It does not begin with redis://.")
        }
        guard let host = url.host(percentEncoded: false), !host.isEmpty,
            (1...65_535).contains(url.port ?? 6379)
        else { throw Self.refused("It names no host, or no valid port.") }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = Int32(url.port ?? 6379)
        let user = url.user(percentEncoded: false)
        self.user = user?.isEmpty == false ? user : nil
        password = url.password(percentEncoded: false).map { Secret($0) }
    }

    /// The address of the environment; nil when there is none.
    ///
    /// - Throws: `replicas.redis-address`
    package init?(environment: [String: String]) throws(AgentError) {
        let text = ["TOLLGATE_REDIS_URL", "NC_REDIS_URL"].compactMap { environment[$0] }
            .first { !$0.isEmpty }
        guard let text else { return nil }
        try self.init(text)
    }

    private static func refused(_ why: String) -> AgentError {
        AgentError(.replicasAddress, "The address of Redis is refused. \(why)", status: .badRequest)
    }
}

extension RedisAddress: CustomStringConvertible {
    package var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
