import Diagnostics
import HTTPTypes
import NIOHTTP1

extension GatewayError {
    /// What is said to somebody whose bytes are no request that can be read.
    ///
    /// - Parameters:
    ///   - error: what the parser found
    ///   - isInFirstLine: whether the first line of the head had not come to its end
    init(refusing error: HTTPParserError, isInFirstLine: Bool) {
        switch error {
        case .headerOverflow where isInFirstLine:
            self = .targetTooLong
        case .headerOverflow:
            self.init(
                .requestHeaderFieldsTooLarge, .requestTooLarge,
                """
                The request has more headers than the gateway reads: at most \
                \(ConnectionLimits.decoder.maxHeaderFieldCount), of \
                \(ConnectionLimits.decoder.maxHeaderFieldSize) bytes each and \
                \(ConnectionLimits.decoder.maxHeaderListSize) bytes together.
                """)
        case .invalidVersion, .paused:
            // The parser pauses at the preface of HTTP/2 (RFC 9113, section 3.4).
            self.init(
                .httpVersionNotSupported, .requestMalformed,
                "The gateway speaks HTTP/1.1 and HTTP/1.0.")
        case .invalidEOFState:
            self.init(
                .badRequest, .requestMalformed, "The request did not come to its end.")
        default:
            self.init(
                .badRequest, .requestMalformed, "What was sent is no HTTP request.", cause: error)
        }
    }

    static let targetTooLong = GatewayError(
        .uriTooLong, .requestTooLarge,
        "The address in the request is longer than \(ConnectionLimits.targetBytes) bytes.")

    /// 408 for whoever takes too long to send what they began.
    static func timedOut(_ sentence: String) -> GatewayError {
        GatewayError(.requestTimeout, .requestTimedOut, sentence)
    }

    /// 503 for who cannot have a connection now.
    static func tooManyConnections(_ refusal: ConnectionCounts.Refusal) -> GatewayError {
        switch refusal {
        case .all:
            GatewayError(
                .serviceUnavailable, .tooManyConnections,
                "The gateway has as many connections as it takes.",
                headers: [.retryAfter: "5"])
        case .address:
            GatewayError(
                .tooManyRequests, .tooManyConnections,
                "Your address has as many connections as it may have at once.",
                headers: [.retryAfter: "5"])
        }
    }
}

extension HTTPRequestHead {
    /// What of the head the parser lets pass and HTTP/1.1 does not.
    var refusal: GatewayError? {
        if uri.utf8.count > ConnectionLimits.targetBytes { return .targetTooLong }
        let hosts = headers["Host"].count
        // RFC 9112, section 3.2.
        if hosts > 1 || hosts == 0 && version == .http1_1 {
            return GatewayError(
                .badRequest, .requestMalformed, "The request has \(hosts) headers Host, not one.")
        }
        // RFC 9112, section 6.1: what is wrapped otherwise ends where nobody can tell.
        let codings = headers[canonicalForm: "Transfer-Encoding"]
        if !codings.isEmpty,
            version != .http1_1 || codings.count > 1 || codings[0].lowercased() != "chunked"
        {
            return GatewayError(
                .notImplemented, .requestMalformed,
                "The gateway takes a body as it is or chunked, not in another encoding.")
        }
        return nil
    }
}
