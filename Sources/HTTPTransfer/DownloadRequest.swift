package import Diagnostics

/// A download that is streamed to a ``DownloadSink`` and can go on where it stopped.
package struct DownloadRequest: Sendable {
    /// An absolute http or https URL.
    package var url: String
    package var headers: [HTTPHeader]
    /// The whole value of `Authorization` (`Bearer …`), lost at a redirect to another origin.
    package var authorization: Secret<String>?
    /// How many bytes the sink has already; 0: from the start.
    ///
    /// An offset above 0 says that the address names its content for ever, by its hash.
    package var resumeOffset: Int64
    /// The most bytes that the whole file may have: the sink never receives one more.
    package var maximumBytes: Int64
    /// What the whole file must have, when known: an end before it is `network.interrupted`.
    package var expectedBytes: Int64?
    /// Asks caches on the way to fetch afresh.
    package var bypassCaches: Bool
    /// When the download must have ended, all tries and waits included; nil: no limit of its own.
    package var deadline: ContinuousClock.Instant?

    package init(
        _ url: String, headers: [HTTPHeader] = [], authorization: Secret<String>? = nil,
        resumeOffset: Int64 = 0, maximumBytes: Int64,
        expectedBytes: Int64? = nil, bypassCaches: Bool = false,
        deadline: ContinuousClock.Instant? = nil
    ) {
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.resumeOffset = resumeOffset
        self.maximumBytes = maximumBytes
        self.expectedBytes = expectedBytes
        self.bypassCaches = bypassCaches
        self.deadline = deadline
    }
}

/// Where a download's bytes go.
///
/// All calls of one download come one after another on the client's transfer thread, so a sink
/// writes and hashes quickly and waits for nothing else. An error thrown ends the download; when it
/// is a `Failure` the download's ``NetworkError`` carries its code (`disk.full`).
package protocol DownloadSink: AnyObject, Sendable {
    /// Bytes follow from `offset` on: 0, or as many as the sink has received before.
    func begin(resumingAt offset: Int64) throws
    /// Takes the next bytes; the buffer is valid during the call only.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
}

/// How a download that succeeded went.
package struct DownloadOutcome: Sendable {
    /// 200, 206, or 416 when nothing was missing.
    package let status: Int
    /// The length of the whole file, as the sink has it now.
    package let totalBytes: Int64
    /// How many bytes the sink received during this call, all tries together.
    package let receivedBytes: Int64
    package let headers: [HTTPHeader]
    /// How many tries it took.
    package let tries: Int

    /// The server's `X-Request-ID`, fit for printing.
    package var requestID: String? { headers.requestID }
}
