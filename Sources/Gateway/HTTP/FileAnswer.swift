import Cryptography
import Diagnostics
import HTTPTypes
import Hummingbird
import Storage
import SystemPackage

/// Serves an artifact, sent by the kernel and never held in memory: Range, If-Range, If-None-Match, HEAD.
///
/// With the setting `x-accel-redirect` the answer has no body but says where nginx in front finds it, and
/// nginx sends the file, or the part of it that was asked for.
struct FileAnswer {
    let vendor: Vendor
    let sha512: Digest
    let contentType: String
    let cacheControl: String

    /// The entity tag, quotes included.
    private var tag: String { "\"\(sha512.hex)\"" }

    /// - Throws: ``GatewayError`` 416, ``StorageError`` for a file that cannot be read.
    func response(to request: Request, context: GatewayRequestContext) async throws -> Response {
        var headers: HTTPFields = [
            .eTag: tag, .contentType: contentType, .cacheControl: cacheControl,
            .acceptRanges: "bytes", .vary: "Authorization",
        ]
        if request.headers[.ifNoneMatch].map({ matches($0, tag) }) == true {
            return Response(status: .notModified, headers: headers)
        }
        if request.method == .get, let location = redirect {
            headers[.accelRedirect] = location
            return Response(status: .ok, headers: headers)
        }
        let file = try await vendor.openFiles.file(sha512)
        let ifRange = request.headers[.ifRange]
        // Only a GET has a range (RFC 9110, section 14.2): HEAD tells what the whole file is like.
        let hasRange = request.method == .get && (ifRange == nil || ifRange == tag)
        let asked = hasRange ? request.headers[.range] : nil
        switch ByteRange(asked, length: file.length) {
        case .whole:
            return Response(status: .ok, headers: headers, body: body(file, 0..<file.length))
        case .part(let range):
            headers[.contentRange] =
                "bytes \(range.lowerBound)-\(range.upperBound)/\(file.length)"
            return Response(
                status: .partialContent, headers: headers, body: body(file, Range(range)))
        case .unsatisfiable:
            throw GatewayError(
                .rangeNotSatisfiable, .requestMalformed,
                "The file has \(file.length) bytes; the range asked for begins behind its end.",
                headers: [.contentRange: "bytes */\(file.length)"])
        }
    }

    /// Where nginx has the file, or nil when the gateway sends it.
    private var redirect: String? {
        guard let location = vendor.settings.accelRedirect else { return nil }
        var below = vendor.artifacts.path(of: sha512)
        guard below.removePrefix(vendor.artifacts.root) else { return nil }
        return "\(location)/\(below.string)"
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
