import NIOCore
import NIOHTTP1

/// What came in on a connection and wants an answer.
struct Arrival: Sendable {
    enum Content: Sendable {
        case request(HTTPRequestHead, IncomingBody?)
        /// No request, or one that is refused before anybody is asked.
        case refused(GatewayError, HTTPRequestHead?)
    }

    let content: Content

    /// The head, as far as there is one.
    var head: HTTPRequestHead? {
        switch content {
        case .request(let head, _): head
        case .refused(_, let head): head
        }
    }

    /// The body, as far as there is one; it may still be coming in.
    var body: IncomingBody? {
        guard case .request(_, let body) = content else { return nil }
        return body
    }

    /// Whether the client takes another answer on this connection.
    ///
    /// What would switch to another protocol ends with its answer, since the parser stops there.
    var keepsConnection: Bool {
        guard case .request(let head, _) = content else { return false }
        return head.isKeepAlive && head.method != .CONNECT
            && !head.headers.contains(name: "Upgrade")
    }
}

extension HTTPRequestHead {
    /// How many bytes of body it announces; nil for a body that is chunked.
    var announcedBody: Int? {
        if headers.contains(name: "Transfer-Encoding") { return nil }
        // The parser refused what is no number.
        return headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110, section 10.1.1).
    var expectsContinue: Bool {
        version == .http1_1
            && headers.first(name: "Expect").map { $0.lowercased() == "100-continue" } == true
    }
}
