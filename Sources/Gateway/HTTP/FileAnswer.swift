import Diagnostics
import HTTPTypes
import Hummingbird
import Storage
import SystemPackage

/// Serves a file from disk, sent by the kernel and never held in memory: Range, If-Range,
/// If-None-Match, HEAD.
struct FileAnswer {
    let path: FilePath
    /// The entity tag, quotes included.
    let tag: String
    let contentType: String
    let cacheControl: String

    /// - Throws: ``GatewayError`` 416, ``StorageError`` for a file that cannot be read.
    func response(to request: Request, context: GatewayRequestContext) async throws -> Response {
        let file = try await onBlockingThread { [path] in try OpenedFile(path) }
        let length = file.length
        var headers: HTTPFields = [
            .eTag: tag, .contentType: contentType, .cacheControl: cacheControl,
            .acceptRanges: "bytes", .vary: "Authorization",
        ]
        if request.headers[.ifNoneMatch].map({ matches($0, tag) }) == true {
            return Response(status: .notModified, headers: headers)
        }
        let ifRange = request.headers[.ifRange]
        let asked = ifRange == nil || ifRange == tag ? request.headers[.range] : nil
        switch ByteRange(asked, length: length) {
        case .whole:
            return Response(
                status: .ok, headers: headers, body: body(file, 0..<length))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(length)"
            return Response(
                status: .partialContent, headers: headers, body: body(file, Range(range)))
        case .unsatisfiable:
            throw GatewayError(
                .rangeNotSatisfiable, .requestMalformed,
                "The file has \(length) bytes; the range asked for begins behind its end.",
                headers: [.contentRange: "bytes */\(length)"])
        }
    }

    private func body(_ file: OpenedFile, _ range: Range<Int>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            guard var writer = writer as? any FileBodyWriter else {
                preconditionFailure(
                    "answers are written by AnswerWriter, and by nothing in between")
            }
            try await writer.send(file, range)
            try await writer.finish(nil)
        }
    }
}

/// Whether an `If-None-Match` header names the tag (RFC 9110, section 13.1.2: weak comparison).
func matches(_ header: String, _ tag: String) -> Bool {
    header.split(separator: ",").contains { element in
        var text = element.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        if text.hasPrefix("W/") { text.removeFirst(2) }
        return text == "*" || text == tag
    }
}
