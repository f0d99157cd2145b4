import HTTPTypes
import Hummingbird

/// The base address under which a client reached the gateway: what links in an answer begin with.
///
/// Made of headers, so every part is checked: nothing but a scheme, a host, a port and a plain path
/// can come of them, whatever was sent.
struct RequestOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Such as `https://plugins.acme.example` or `https://acme.example/plugins`; no slash at the end.
    let url: String

    var description: String { url }

    init(url: String) {
        self.url = url
    }

    /// - Parameters:
    ///   - request: the request that is answered
    ///   - access: whether a proxy stands in front, whose headers count then
    ///   - settings: has the address that counts when the headers say nothing
    init(of request: Request, _ access: GatewayAccess, _ settings: VendorSettings) {
        url =
            switch access {
            case .direct: Self.direct(request, settings)
            case .behindProxy: Self.forwarded(request.headers) ?? settings.url
            }
    }

    /// The address in the settings when it is `https`, else the host that the client names.
    ///
    /// Without a proxy there is no TLS: such an address belongs to something in front that was not
    /// mentioned, and is right.
    private static func direct(_ request: Request, _ settings: VendorSettings) -> String {
        guard !settings.url.hasPrefix("https://"),
            let host = request.head.authority.flatMap({ Authority($0) })
        else { return settings.url }
        return "http://\(host)"
    }

    /// What `X-Forwarded-Proto`, `-Host`, `-Port` and `-Prefix` say together, or nil when the first two
    /// are not there or any of them is not one value of its kind.
    private static func forwarded(_ headers: HTTPFields) -> String? {
        guard let scheme = headers[.forwardedProto], scheme == "https" || scheme == "http",
            let authority = headers[.forwardedHost].flatMap({ Authority($0) })
        else { return nil }
        var url = "\(scheme)://\(authority)"
        if let text = headers[.forwardedPort] {
            guard let named = Authority("x:\(text)")?.port else { return nil }
            let usual: UInt16 = scheme == "https" ? 443 : 80
            if authority.port == nil, named != usual { url += ":\(named)" }
        }
        guard let prefix = headers[.forwardedPrefix] else { return url }
        guard let path = plainPath(prefix) else { return nil }
        return url + path
    }
}
