import Diagnostics
import HTTPTypes

/// Whether a request is meant for this agent and comes from its own page or from no page at all.
///
/// A browser on this machine runs pages of everybody. Two things keep them out:
///
/// - A page whose name was pointed at 127.0.0.1 after it was loaded (DNS rebinding) sends its own
///   name as `Host`: only the names of loopback with our port are answered.
/// - A page that posts a form to us sends its own `Origin` and `Sec-Fetch-Site`: only our own are
///   taken. Without either it is no browser.
enum RequestOrigin {
    /// - Throws: `agent.host-refused`, `agent.origin-refused`
    static func check(_ request: HTTPRequest, port: Int) throws(AgentError) {
        let hosts = names.map { "\($0):\(port)" } + (port == 80 ? names : [])
        guard let host = request.authority?.lowercased(), hosts.contains(host) else {
            throw AgentError(
                .agentHostRefused,
                "The request is for \(quoted(request.authority ?? "", limit: 80)).",
                status: .misdirectedRequest)
        }
        guard ![.get, .head].contains(request.method) else { return }
        let site = request.headerFields[.fetchSite]
        let origin = request.headerFields[.origin]
        switch (site, origin) {
        case ("same-origin", nil), ("same-origin", "null"), (nil, nil):
            // Browsers write "null" where the page's policy keeps its address to itself.
            return
        case (nil, let origin?), ("same-origin", let origin?):
            guard origin.lowercased() == "http://\(host)" else { break }
            return
        default: break
        }
        let from = origin.map { quoted($0, limit: 80) } ?? "a page of another site"
        throw AgentError(
            .agentOriginRefused, "The request was made by \(from).", status: .forbidden)
    }

    private static let names = ["127.0.0.1", "localhost", "[::1]"]
}

extension HTTPField.Name {
    /// `Sec-Fetch-Site` (W3C Fetch Metadata).
    static let fetchSite = named("Sec-Fetch-Site")
    static let contentSecurityPolicy = named("Content-Security-Policy")
    static let referrerPolicy = named("Referrer-Policy")

    private static func named(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("it is a token") }
        return name
    }
}
