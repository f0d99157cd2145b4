package import Diagnostics

/// Why a request or download failed.
package struct NetworkError: Failure {
    package let code: FailureCode
    package private(set) var message: String
    package let specificRemedy: String?
    package let cause: (any Error)?
    /// The status of the server's answer, when there was one.
    package let status: Int?
    /// The server's own words (often `application/problem+json`), at most 64 KiB of them.
    package let body: [UInt8]
    package let headers: [HTTPHeader]
    /// Whether the same request may succeed a little later.
    let isTemporary: Bool
    /// Whether the server may have acted on the request.
    let mayHaveBeenActedOn: Bool
    /// How many tries were made.
    package private(set) var tries = 1

    init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil,
        isTemporary: Bool = false, mayHaveBeenActedOn: Bool = true, status: Int? = nil,
        headers: [HTTPHeader] = [], body: [UInt8] = []
    ) {
        self.code = code
        self.message = message
        self.specificRemedy = remedy
        self.cause = cause
        self.isTemporary = isTemporary
        self.mayHaveBeenActedOn = mayHaveBeenActedOn
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The server's `X-Request-ID`, fit for printing.
    package var requestID: String? { headers.requestID }

    /// The media type of ``body`` without parameters, in lower case: `application/problem+json`.
    package var contentType: String? { headers.mediaType }

    /// The same failure, saying that it was the last of so many tries.
    func after(tries: Int, because reason: String? = nil) -> NetworkError {
        var copy = self
        copy.tries = tries
        if tries > 1 { copy.message += " Tried \(tries) times." }
        if let reason { copy.message += " \(reason)" }
        return copy
    }
}

extension NetworkError {
    /// The server's answer with a status that the caller does not take.
    static func status(
        _ status: Int, from address: WebAddress, headers: [HTTPHeader], body: [UInt8]
    ) -> NetworkError {
        let suffix = headers.requestID.map { " (request \($0))" } ?? ""
        if status == 511 {
            // RFC 6585 section 6: sent by what guards a network, never by the server itself.
            return NetworkError(
                .networkNotWhatWasAsked,
                "The network asks to log in before \(address) can be reached (status 511).",
                status: status, headers: headers, body: body)
        }
        return NetworkError(
            .networkHTTPStatus, "\(address) answered with status \(status)\(suffix).",
            isTemporary: [408, 425, 429].contains(status) || (500...599).contains(status),
            mayHaveBeenActedOn: ![408, 425, 429, 503].contains(status),
            status: status, headers: headers, body: body)
    }

    /// The task that asked was cancelled, or the client was shut down.
    static func cancelled(_ address: WebAddress) -> NetworkError {
        NetworkError(.networkCancelled, "The request to \(address) was cancelled.")
    }

    /// The time that the caller allowed is over.
    static func deadline(_ address: WebAddress, received: Int64) -> NetworkError {
        NetworkError(
            .networkTimeout,
            "The time allowed ran out while asking \(address); \(received) bytes had arrived.",
            remedy: """
                Run again: what has arrived is kept. Where the network is slow, allow more time with \
                --timeout (TOLLGATE_TIMEOUT).
                """)
    }
}

extension [HTTPHeader] {
    /// The media type without parameters, in lower case.
    var mediaType: String? {
        guard let value = first(named: "Content-Type") else { return nil }
        let type = value.prefix { $0 != ";" }
        return String(type.trimmingSpaces()).lowercased()
    }
}
