package import Diagnostics

/// One field of a request's or response's head.
package struct HTTPHeader: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What kind of answer is expected, so that a login page in its place is noticed.
package enum ExpectedContent: Sendable {
    case anything
    /// JSON or other data: a page of HTML with a 2xx status is `network.not-what-was-asked`.
    case data
}

/// A request whose whole answer is small and is wanted in memory: JSON, metadata, keys.
///
/// Temporary failures are retried (see ``RetryPolicy``). A method that is not idempotent is sent
/// again only when the server cannot have acted on it (no connection was made; 408, 425, 429, 503),
/// unless ``isRepeatable`` says that the server answers a repetition the same way.
package struct HTTPRequest: Sendable {
    package var method: String
    /// An absolute http or https URL; a user name and password in it are sent as Basic credentials.
    package var url: String
    package var headers: [HTTPHeader]
    /// The whole value of `Authorization` (`Bearer …`), lost at a redirect to another origin.
    package var authorization: Secret<String>?
    package var body: [UInt8]?
    /// The most that the (decompressed) body may have: one byte more is `network.too-large`.
    package var maximumBodyBytes: Int
    package var expectedContent: ExpectedContent
    /// Statuses besides 2xx that are an answer and not an error: 304, 404.
    package var acceptedStatuses: Set<Int>
    /// Whether the request may be sent twice without harm.
    package var isRepeatable: Bool
    /// When the request must have ended, all tries and waits included; nil: no limit of its own.
    package var deadline: ContinuousClock.Instant?

    package init(
        _ method: String = "GET", _ url: String, headers: [HTTPHeader] = [],
        authorization: Secret<String>? = nil, body: [UInt8]? = nil,
        maximumBodyBytes: Int = 4 << 20, expectedContent: ExpectedContent = .data,
        acceptedStatuses: Set<Int> = [], isRepeatable: Bool? = nil,
        deadline: ContinuousClock.Instant? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.body = body
        self.maximumBodyBytes = maximumBodyBytes
        self.expectedContent = expectedContent
        self.acceptedStatuses = acceptedStatuses
        self.isRepeatable =
            isRepeatable ?? ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method)
        self.deadline = deadline
    }
}
