import Diagnostics

/// Where a redirect may lead, and what it takes along.
///
/// At most five in a row; only http and https; never from https to http. Another scheme, host or
/// port is another origin: it gets neither `Authorization`, cookies nor the URL's password, for the
/// rest of the way, and never a request's body.
enum RedirectPolicy {
    static let maximum = 5
    private static let statuses: Set<Int> = [301, 302, 303, 307, 308]
    private static let credentialFields: Set<String> = [
        "authorization", "cookie", "proxy-authorization",
    ]

    /// The place that an answer sends on to, or nil when it is not a redirect.
    static func location(status: Int, headers: [HTTPHeader]) -> String? {
        statuses.contains(status) ? headers.first(named: "Location") : nil
    }

    /// The exchange that follows a redirect; `count` is how many were followed before.
    static func following(
        _ location: String, status: Int, from exchange: Exchange, count: Int
    ) throws(NetworkError) -> Exchange {
        let origin = exchange.address
        func refused(_ why: String) -> NetworkError {
            NetworkError(
                .networkRedirectRefused, "\(origin) answered with a redirect \(why).",
                status: status)
        }
        guard count < maximum else { throw refused("for the \(count + 1)th time") }
        let target: WebAddress
        do {
            target = try origin.resolving(location)
        } catch {
            throw refused("to what is not an http or https address")
        }
        guard origin.scheme == "http" || target.scheme == "https" else {
            throw refused("from https to \(target)")
        }
        var next = exchange
        next.address = target
        // RFC 9110 section 15.4: 303 always, and by old custom 301 and 302 for POST, become GET.
        if status == 303 && exchange.method != "HEAD"
            || [301, 302].contains(status) && exchange.method == "POST"
        {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
        }
        if origin.isSameOrigin(as: target) {
            next.address = target.carrying(origin.credentials)
        } else {
            guard next.body == nil else {
                throw refused("to another host, \(target), together with the request's body")
            }
            next.authorization = nil
            next.headers.removeAll { credentialFields.contains($0.name.lowercased()) }
        }
        return next
    }
}
