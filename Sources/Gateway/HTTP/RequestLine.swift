import Hummingbird
import Logging

/// What the log says about one request, in one line.
///
/// It has the path without the query, and never a header or a body: that is where keys and tokens are.
struct RequestLine: Sendable {
    let id: RequestID
    let address: ClientAddress?
    /// nil for bytes that were no request.
    let head: Request?
    let status: Int
    let cause: String?
    let begun: ContinuousClock.Instant
    let logger: Logger

    /// Writes it.
    ///
    /// - Parameter bytes: how many of the body went out
    func write(bytes: Int) {
        let level: Logger.Level = status >= 500 ? .error : .info
        guard logger.logLevel <= level else { return }
        let duration = (ContinuousClock.now - begun).components
        let tenths = duration.seconds * 10_000 + duration.attoseconds / 100_000_000_000_000
        var metadata: Logger.Metadata = [
            "request_id": "\(id)", "status": "\(status)", "bytes": "\(bytes)",
            "duration_ms": "\(tenths / 10).\(tenths % 10)",
        ]
        if let head {
            metadata["method"] = "\(head.method.rawValue)"
            metadata["path"] = "\(head.shownPath)"
        }
        if let address { metadata["address"] = "\(address)" }
        if let cause { metadata["cause"] = "\(cause)" }
        logger.log(level: level, "request", metadata: metadata)
    }
}
