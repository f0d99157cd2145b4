import Diagnostics

/// Takes an answer as it arrives, line by line and piece by piece, and decides what becomes of it.
///
/// It knows nothing of curl. One exchange has one, which lives on the transfer thread. A method that
/// returns false ends the transfer: ``refusal`` says why, or ``hasEnough`` that no more is wanted.
final class ResponseReceiver {
    private let address: WebAddress
    /// The answer to HEAD announces a body and has none (RFC 9110 section 9.3.2).
    private let hasBody: Bool
    private let destination: Exchange.Destination
    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    /// How many bytes of this answer's body arrived.
    private(set) var received: Int64 = 0
    /// How many bytes of body the answer must have, as far as it says.
    private(set) var announced: Int64?
    private(set) var refusal: NetworkError?
    /// The rest of the answer does not matter: an error's body beyond what is kept.
    private(set) var hasEnough = false
    private(set) var progress: DownloadProgress?
    /// The length of the whole file, as the answer tells it.
    private var wholeLength: Int64?
    private var disposition = Disposition.undecided
    private var headBytes = 0

    private enum Disposition {
        case undecided
        /// A redirect's or an error's body: the first 64 KiB are kept.
        case words
        case memory(maximumBytes: Int, refusesHTML: Bool)
        case sink(Exchange.DownloadPart)
    }

    private static let maximumWords = 64 << 10
    private static let maximumHead = 128 << 10

    init(_ exchange: Exchange) {
        address = exchange.address
        hasBody = exchange.method != "HEAD"
        destination = exchange.destination
        if case .sink(let part) = destination {
            progress = DownloadProgress(position: part.offset, validator: part.validator)
        }
    }

    /// Whether the head of a final answer has arrived.
    var hasHead: Bool {
        if case .undecided = disposition { false } else { true }
    }

    /// Takes one line of a head, its line end included.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headBytes += bytes.count
        guard headBytes <= Self.maximumHead else {
            return refuse(.networkTooLarge, "\(address) sent more than 128 KiB of header fields.")
        }
        let line = String(decoding: bytes, as: UTF8.self).trimmingSpaces()
        if line.hasPrefix("HTTP/"), !hasHead || received == 0 {
            startHead(line)
        } else if line.isEmpty {
            return hasHead || status < 200 || endHead()
        } else if !hasHead, let colon = line.firstIndex(of: ":") {
            headers.append(
                HTTPHeader(
                    String(line[..<colon].trimmingSpaces()),
                    String(line[line.index(after: colon)...].trimmingSpaces())))
        }
        return true
    }

    private func startHead(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 2)
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        headers = []
        disposition = .undecided
    }

    /// Takes the next bytes of the body.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        received += Int64(bytes.count)
        switch disposition {
        case .undecided:
            return refuse(.networkNotWhatWasAsked, "\(address) sent a body without a head.")
        case .words:
            body.append(contentsOf: bytes.prefix(Self.maximumWords - body.count))
            hasEnough = received > Self.maximumWords
            return !hasEnough
        case .memory(let maximum, let refusesHTML):
            guard body.count + bytes.count <= maximum else { return refuseLength(maximum) }
            body.append(contentsOf: bytes)
            return !(refusesHTML && looksLikeHTML) || refuseHTML()
        case .sink(let part):
            return pass(bytes, to: part)
        }
    }

    private func pass(
        _ bytes: UnsafeRawBufferPointer, to part: Exchange.DownloadPart
    ) -> Bool {
        let position = (progress?.position ?? 0) + Int64(bytes.count)
        guard position <= part.maximumBytes else { return refuseLength(part.maximumBytes) }
        return sinking {
            try part.sink.receive(bytes)
            progress?.position = position
            progress?.received += Int64(bytes.count)
        }
    }
}

// MARK: - What the head decides

extension ResponseReceiver {
    private func endHead() -> Bool {
        announced = headers.first(named: "Content-Length").flatMap { Int64($0) }
        switch destination {
        case .memory(let maximum, let content, let accepted):
            let isRedirect = RedirectPolicy.location(status: status, headers: headers) != nil
            guard accepted.contains(status) || (200...299).contains(status), !isRedirect else {
                disposition = .words
                return true
            }
            let refusesHTML = content == .data && (200...299).contains(status)
            disposition = .memory(maximumBytes: maximum, refusesHTML: refusesHTML)
            if refusesHTML, isHTML { return refuseHTML() }
            return !hasBody || (announced ?? 0) <= Int64(maximum) || refuseLength(maximum)
        case .sink(let part):
            return beginDownload(part)
        }
    }

    private func beginDownload(_ part: Exchange.DownloadPart) -> Bool {
        switch status {
        case 200:
            if isHTML { return refuseHTML() }
            return begin(part, at: 0, total: announced)
        case 206:
            if isHTML { return refuseHTML() }
            let range = headers.first(named: "Content-Range").flatMap { ContentRange($0) }
            guard part.offset > 0, let bytes = range?.bytes, bytes.lowerBound == part.offset else {
                return restart("sent another part of the file than was asked for", part)
            }
            // If-Range makes a server send the whole of a file that changed; one that does not
            // honor it would have us join two files.
            if let asked = part.validator, let now = validator, asked.hasPrefix("\""),
                now.hasPrefix("\""), asked != now
            {
                return restart("went on with another file, \(now) instead of \(asked)", part)
            }
            announced = bytes.upperBound - bytes.lowerBound + 1
            return begin(part, at: part.offset, total: range?.total)
        case 416 where part.offset > 0:
            // Nothing lies behind the end: when the end is where the sink stopped, it has all.
            let range = headers.first(named: "Content-Range").flatMap { ContentRange($0) }
            disposition = .words
            guard let total = range?.total, total == part.offset,
                part.expectedBytes ?? total == total
            else {
                return restart("has no byte \(part.offset)", part)
            }
            progress?.isServed = true
            return true
        default:
            disposition = .words
            return true
        }
    }

    private func begin(_ part: Exchange.DownloadPart, at offset: Int64, total: Int64?) -> Bool {
        disposition = .sink(part)
        let length = max(total ?? 0, offset + (announced ?? 0))
        guard length <= part.maximumBytes else { return refuseLength(part.maximumBytes) }
        let validator = validator ?? (offset > 0 ? part.validator : nil)
        return sinking {
            try part.sink.begin(resumingAt: offset)
            progress = DownloadProgress(position: offset, validator: validator, isServed: true)
            wholeLength = total
        }
    }

    /// What a later `If-Range` may say: RFC 9110 section 13.1.5 allows no weak tag.
    private var validator: String? {
        if let tag = headers.first(named: "ETag"), tag.hasPrefix("\"") { return tag }
        return headers.first(named: "Last-Modified")
    }
}

// MARK: - The end

extension ResponseReceiver {
    /// Why an answer that curl takes for complete is not: a file shorter than it must be.
    func finish() -> NetworkError? {
        guard case .sink(let part) = disposition, let progress else { return nil }
        let lengths = [part.expectedBytes, wholeLength].compactMap { $0 }
        guard let length = lengths.first(where: { $0 != progress.position }) else { return nil }
        return NetworkError(
            .networkInterrupted,
            "\(address) sent \(progress.position) of \(length) bytes and ended.",
            isTemporary: true, headers: headers)
    }
}

// MARK: - Refusals

extension ResponseReceiver {
    private func refuse(_ code: FailureCode, _ message: String) -> Bool {
        refusal = NetworkError(code, message, status: status, headers: headers, body: body)
        return false
    }

    private func refuseLength(_ maximum: some BinaryInteger) -> Bool {
        let length = announced.map { "\($0) bytes" } ?? "more"
        return refuse(
            .networkTooLarge, "\(address) sends \(length); at most \(maximum) bytes are allowed.")
    }

    private func refuseHTML() -> Bool {
        refuse(
            .networkNotWhatWasAsked,
            "\(address) answered with a web page (status \(status)) instead of a file.")
    }

    private func restart(_ why: String, _ part: Exchange.DownloadPart) -> Bool {
        progress?.mustRestart = part.offset > 0
        return refuse(.networkNotWhatWasAsked, "\(address) \(why).")
    }

    /// Runs what a sink does; an error of it ends the transfer under the error's own code.
    private func sinking(_ work: () throws -> Void) -> Bool {
        do {
            try work()
            return true
        } catch {
            let failure = error as? any Failure
            refusal = NetworkError(
                failure?.code ?? .unexpected,
                failure?.message ?? "What arrived from \(address) could not be kept.",
                remedy: failure?.specificRemedy, cause: error)
            return false
        }
    }

    private var isHTML: Bool {
        ["text/html", "application/xhtml+xml"].contains(headers.mediaType ?? "")
    }

    /// Data never begins with `<`; a login page without the right type does.
    private var looksLikeHTML: Bool {
        body.prefix(256).first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: "<")
    }
}
