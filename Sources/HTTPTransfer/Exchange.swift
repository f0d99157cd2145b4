import Diagnostics

/// One request as it goes on the wire once, and where its answer goes.
///
/// A request of a caller becomes several of these by redirects and retries.
struct Exchange: Sendable {
    var address: WebAddress
    var method: String
    var headers: [HTTPHeader]
    var authorization: Secret<String>?
    var body: [UInt8]?
    var destination: Destination
    var deadline: ContinuousClock.Instant?
    var inspection = Inspection.none

    /// What a diagnosis wants to know of the connection besides.
    enum Inspection: Sendable {
        case none
        case connection
        /// Ends after the handshake, which verifies nothing: nothing is sent, nothing believed.
        case certificatesUnverified
    }

    /// Where the bytes of a successful answer go.
    enum Destination: Sendable {
        case memory(maximumBytes: Int, content: ExpectedContent, accepted: Set<Int>)
        case sink(DownloadPart)
    }

    /// The rest of a file that is asked for.
    struct DownloadPart: Sendable {
        let sink: any DownloadSink
        /// The first byte that is asked for.
        var offset: Int64
        /// The validator (strong `ETag` or `Last-Modified`) of what earlier tries brought.
        var validator: String?
        let maximumBytes: Int64
        let expectedBytes: Int64?
    }
}

/// What one exchange came to.
struct ExchangeOutcome: Sendable {
    let result: Result<Answer, NetworkError>
    /// The download's state after it: what the sink has, and what it belongs to.
    let progress: DownloadProgress?
    /// Of an exchange that is inspected.
    var facts: ConnectionFacts?
}

/// How far a download is.
struct DownloadProgress: Sendable {
    /// How many bytes of the file the sink has.
    var position: Int64
    /// What `If-Range` says to go on from there.
    var validator: String?
    /// How many bytes it received during this exchange.
    var received: Int64 = 0
    /// The server gave what was asked for, or nothing was missing.
    var isServed = false
    /// The server's answer does not go on where the sink stopped: ask from the start.
    var mustRestart = false
}

/// A whole answer, whatever its status.
struct Answer: Sendable {
    let status: Int
    let headers: [HTTPHeader]
    let body: [UInt8]
}

extension Exchange {
    /// Checks a request and makes its first exchange.
    init(_ request: HTTPRequest) throws(NetworkError) {
        self.init(
            address: try WebAddress(request.url), method: request.method, headers: request.headers,
            authorization: request.authorization, body: request.body,
            destination: .memory(
                maximumBytes: request.maximumBodyBytes, content: request.expectedContent,
                accepted: request.acceptedStatuses),
            deadline: request.deadline)
        try checkFields()
    }

    /// Checks a download and makes its first exchange.
    init(_ request: DownloadRequest, to sink: any DownloadSink) throws(NetworkError) {
        var headers = request.headers
        if request.bypassCaches {
            headers.append(HTTPHeader("Cache-Control", "no-cache"))
            headers.append(HTTPHeader("Pragma", "no-cache"))
        }
        self.init(
            address: try WebAddress(request.url), method: "GET", headers: headers,
            authorization: request.authorization, body: nil,
            destination: .sink(
                DownloadPart(
                    sink: sink, offset: max(0, request.resumeOffset), validator: nil,
                    maximumBytes: min(request.maximumBytes, request.expectedBytes ?? .max),
                    expectedBytes: request.expectedBytes)),
            deadline: request.deadline)
        try checkFields()
    }

    /// The header lines that are sent, but for what curl adds itself.
    var allHeaders: [HTTPHeader] {
        guard case .sink(let part) = destination, part.offset > 0 else { return headers }
        var all = headers + [HTTPHeader("Range", "bytes=\(part.offset)-")]
        if let validator = part.validator { all.append(HTTPHeader("If-Range", validator)) }
        return all
    }

    /// Refuses what would let a value become a header of its own (CWE-113).
    private func checkFields() throws(NetworkError) {
        guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw NetworkError(
                .networkRequestInvalid, "The method of a request is not a word in upper case.")
        }
        var fields = allHeaders
        if let authorization { fields.append(HTTPHeader("Authorization", authorization.reveal())) }
        for field in fields where !field.isValid {
            throw NetworkError(
                .networkRequestInvalid,
                "The value or name of a request's header has control characters (\(field.name.count) "
                    + "and \(field.value.count) characters).")
        }
    }
}

extension HTTPHeader {
    /// RFC 9110 section 5: a token, and a value without control characters.
    fileprivate var isValid: Bool {
        let separators = Set("()<>@,;:\\\"/[]?={} \t".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && !separators.contains($0) }
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
    }
}
