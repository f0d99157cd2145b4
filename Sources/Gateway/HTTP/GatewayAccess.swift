import HTTPTypes

/// How clients reach the gateway, and so whose word counts for where they come from.
package enum GatewayAccess: Sendable {
    /// They connect to it: the other end of the connection is the client.
    case direct
    /// A proxy connects to it, and says in `X-Forwarded-*` who the client is.
    case behindProxy
}

extension HTTPField.Name {
    /// `X-Forwarded-For`.
    static let forwardedFor = known("X-Forwarded-For")
    /// `X-Forwarded-Proto`.
    static let forwardedProto = known("X-Forwarded-Proto")
    /// `X-Forwarded-Host`.
    static let forwardedHost = known("X-Forwarded-Host")
    /// `X-Forwarded-Port`.
    static let forwardedPort = known("X-Forwarded-Port")
    /// `X-Forwarded-Prefix`.
    static let forwardedPrefix = known("X-Forwarded-Prefix")
    /// `X-Request-ID`.
    static let requestID = known("X-Request-ID")
    /// `X-Accel-Redirect`.
    static let accelRedirect = known("X-Accel-Redirect")

    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is a token") }
        return name
    }
}
